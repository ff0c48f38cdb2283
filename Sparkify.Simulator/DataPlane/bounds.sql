-- What users of a cluster see beyond the tables of their database, after everything else was hidden: the cluster's own views.
grant select on pg_catalog.pg_user, pg_catalog.sys_query_history, pg_catalog.sys_query_text, pg_catalog.sys_transaction_history,
    pg_catalog.sys_load_history, pg_catalog.sys_load_detail, pg_catalog.sys_load_error_detail, pg_catalog.svv_table_info, pg_catalog.pg_table_def,
    pg_catalog.stl_load_errors, pg_catalog.stl_load_commits, pg_catalog.stl_query, pg_catalog.svv_tables, pg_catalog.svv_columns,
    pg_catalog.pg_group, pg_catalog.stv_sessions, pg_catalog.sim_database, pg_catalog.sim_settings, pg_catalog.sim_stat_activity
    to public;
-- A master is in the role of every user of the cluster, and so may do with their tables what they may; the server's catalogues are none of its business but for who may do what.
revoke pg_read_all_data, pg_write_all_data from "{master}";
grant select on pg_catalog.sim_default_acl, pg_catalog.sim_shadow, pg_catalog.pg_class, pg_catalog.pg_namespace, pg_catalog.pg_proc, pg_catalog.pg_attribute, pg_catalog.pg_type,
    pg_catalog.pg_language to "{master}";
-- These views ask for the number of a user's role.
alter function sim_internal.user_id(text) security definer;
-- What Redshift has no function for: it answers as to a name that nobody has heard of.
do $$
declare
    routine regprocedure;
begin
    for routine in
        select oid::regprocedure from pg_proc
        where  pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
               and proname ~ ('^(lo_|lo(read|write)$|pg_(try_)?advisory|pg_read_|pg_ls_|pg_stat_file|pg_(logical|replication|create|drop|switch|wal|promote|reload|rotate)'
                   || '|pg_(log_|backup_|export_|import_|current_(wal|xact|snapshot|logfile)|last_(wal|xact|committed)|xact_|notif|listening|sleep|safe_|hba_)'
                   || '|pg_notify$|txid_|query_to_|table_to_|schema_to_|cursor_to_|database_to_)')
               and proname !~ '(in|out|recv|send)$'
    loop
        execute format('revoke execute on function %s from public', routine);
    end loop;
end $$;
-- CANCEL and the end of sessions are the master's.
grant execute on function pg_catalog.pg_cancel_backend(int) to "{master}";
grant execute on function pg_catalog.pg_terminate_backend(int, bigint) to "{master}";
create table if not exists sim_internal.bounds (version text not null);
delete from sim_internal.bounds;
insert into sim_internal.bounds values ('{version}');
