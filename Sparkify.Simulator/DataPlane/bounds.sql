-- What users of a cluster see beyond the tables of their database, after everything else was hidden: the cluster's own views.
grant select on pg_catalog.pg_user, pg_catalog.sys_query_history, pg_catalog.sys_query_text, pg_catalog.sys_transaction_history,
    pg_catalog.sys_load_history, pg_catalog.sys_load_detail, pg_catalog.sys_load_error_detail, pg_catalog.svv_table_info, pg_catalog.pg_table_def
    to public;
-- These views ask for the number of a user's role.
alter function sim_internal.user_id(text) security definer;
-- CANCEL is the master's.
grant execute on function pg_catalog.pg_cancel_backend(int) to "{master}";
create table if not exists sim_internal.bounds (version text not null);
delete from sim_internal.bounds;
insert into sim_internal.bounds values ('{version}');
