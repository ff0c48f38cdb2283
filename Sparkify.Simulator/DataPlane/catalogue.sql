-- The catalogue as an 8.0.2 has it, of this cluster alone: views in the place of the server's own that a statement is led to, and AWS's views of objects.

-- What users call a role, and a role's grants in those names.
create or replace function sim_internal.named(acl text) returns text language sql immutable as $$
    select replace(replace(replace(acl, '"', ''), '{prefix}g.', 'group '), '{prefix}', '')
$$;

create or replace view pg_catalog.sim_database as
select d.oid, '{database}'::name as datname, (select r.oid from pg_roles r where r.rolname = '{master}') as datdba, encoding, datistemplate, datallowconn, 0::oid as datlastsysoid,
    datfrozenxid as datvacuumxid, datfrozenxid, dattablespace, null::text[] as datconfig,
    array(select replace(sim_internal.named(item::text), owner.rolname, 'rdsdb') from unnest(datacl) as item) as datacl
from pg_database d join pg_roles owner on owner.oid = d.datdba where datname = '{name}'
union all
select oid, datname, 1::oid, encoding, datistemplate, datname = 'template1', 0::oid, datfrozenxid, datfrozenxid, dattablespace, null, null
from pg_database where datname in ('template0', 'template1');

-- The passwords of a cluster are nobody's to see, hashed or not.
create or replace view pg_catalog.sim_shadow as select * from pg_catalog.pg_user;

create or replace function sim_internal.settings() returns table (name text, setting text, category text, short_desc text, extra_desc text, context text, vartype text, source text, min_val text, max_val text)
language sql stable security definer as $$
    select s.name, case s.name when 'server_version' then '8.0.2' when 'max_connections' then '500' else s.setting end, s.category, s.short_desc, s.extra_desc, s.context, s.vartype, s.source, s.min_val, s.max_val
    from pg_show_all_settings() s
    where s.name in ('application_name', 'client_encoding', 'client_min_messages', 'DateStyle', 'default_transaction_isolation', 'extra_float_digits', 'lc_collate', 'lc_ctype',
        'lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'log_statement', 'max_connections', 'search_path', 'server_encoding', 'server_version', 'statement_timeout', 'TimeZone',
        'transaction_isolation', 'transaction_read_only')
    union all
    select s.name, coalesce(nullif(current_setting('sim.' || s.name, true), ''), s.standard), 'Redshift', '', null, 'user', 'string', 'session', null, null
    from (values ('analyze_threshold_percent', '10'), ('describe_field_name_in_uppercase', 'off'), ('downcase_delimited_identifier', 'on'), ('enable_case_sensitive_identifier', 'off'),
        ('enable_result_cache_for_session', 'on'), ('max_cursor_result_set_size', '0'), ('query_group', ''), ('wlm_query_slot_count', '1')) s (name, standard)
$$;
create or replace view pg_catalog.sim_settings as select * from sim_internal.settings();

create or replace view pg_catalog.sim_stat_activity as
select (select d.oid from pg_database d where d.datname = '{name}') as datid, '{database}'::name as datname, s.process as procpid, sim_internal.user_id(s.user_name) as usesysid,
    s.user_name::name as usename, coalesce(q.query_text, '<IDLE>') as current_query, q.start_time as query_start
from sim_internal.sessions() s left join sim_internal.queries q on q.session_id = s.process and q.status = 'running'
where sim_internal.sees(s.user_name);

-- HAS_…_PRIVILEGE of a user by its name, and of a database by its own.
create or replace function sim_internal.role_oid(name) returns oid language plpgsql stable strict security definer as $$
declare
    found oid;
begin
    if $1 = 'public' then
        return 0;
    end if;
    select r.oid into found from pg_roles r where r.rolname in (sim_internal.role_of($1::text), $1::text) and starts_with(r.rolname, '{prefix}') order by r.rolname = $1::text limit 1;
    if found is null then
        raise exception 'user "%" does not exist', $1 using errcode = '42704';
    end if;
    return found;
end $$;
create or replace function sim_internal.database_oid(text) returns oid language plpgsql stable strict security definer as $$
declare
    found oid;
begin
    select d.oid into found from pg_database d where d.datname = case $1 when '{database}' then '{name}' end;
    if found is null then
        raise exception 'database "%" does not exist', $1 using errcode = '3D000';
    end if;
    return found;
end $$;
do $$
declare
    kind text;
begin
    foreach kind in array array['table', 'schema', 'function', 'language', 'sequence', 'any_column'] loop
        execute format($f$
            create or replace function pg_catalog.has_%1$s_privilege(name, text, text) returns boolean language sql stable as $g$ select has_%1$s_privilege(sim_internal.role_oid($1), $2, $3) $g$;
            create or replace function pg_catalog.has_%1$s_privilege(name, oid, text) returns boolean language sql stable as $g$ select has_%1$s_privilege(sim_internal.role_oid($1), $2, $3) $g$;
            $f$, kind);
    end loop;
end $$;
create or replace function pg_catalog.has_column_privilege(name, text, text, text) returns boolean language sql stable as $$ select has_column_privilege(sim_internal.role_oid($1), $2, $3, $4) $$;
create or replace function pg_catalog.has_column_privilege(name, oid, text, text) returns boolean language sql stable as $$ select has_column_privilege(sim_internal.role_oid($1), $2, $3, $4) $$;
create or replace function pg_catalog.has_database_privilege(text, text) returns boolean language sql stable as $$ select has_database_privilege(sim_internal.database_oid($1), $2) $$;
create or replace function pg_catalog.has_database_privilege(oid, text, text) returns boolean language sql stable as $$ select has_database_privilege($1, sim_internal.database_oid($2), $3) $$;
create or replace function pg_catalog.has_database_privilege(name, oid, text) returns boolean language sql stable as $$ select has_database_privilege(sim_internal.role_oid($1), $2, $3) $$;
create or replace function pg_catalog.has_database_privilege(name, text, text) returns boolean language sql stable as $$
    select has_database_privilege(sim_internal.role_oid($1), sim_internal.database_oid($2), $3) $$;

-- The columns of views made WITH NO SCHEMA BINDING, which an option tells from others.
create or replace function sim_internal.late_binding_view_cols() returns table (view_schema name, view_name name, col_name name, col_type varchar, col_num int) language sql stable as $$
    select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)::varchar, a.attnum::int
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'v' and 'security_barrier=false' = any (c.reloptions) and a.attnum > 0 and not a.attisdropped
    order by 1, 2, 5
$$;
create or replace function pg_catalog.pg_get_late_binding_view_cols() returns setof record language sql stable as $$ select * from sim_internal.late_binding_view_cols() $$;

-- AWS's views of objects. What they tell of grants is left empty: the server's own catalogue has it.
create or replace view pg_catalog.svv_redshift_databases as
select '{database}'::varchar(128) as database_name, (select usesysid from pg_catalog.pg_user where usename = sim_internal.user_of('{master}')::name)::int as database_owner,
    'local'::varchar(32) as database_type, null::varchar(128) as database_acl, null::varchar(128) as database_options, 'Serializable'::varchar(128) as database_isolation_level;
create or replace view pg_catalog.svv_all_schemas as
select '{database}'::varchar(128) as database_name, nspname::varchar(128) as schema_name, nspowner::int as schema_owner, 'local'::varchar(128) as schema_type,
    null::varchar(128) as schema_acl, null::varchar(128) as source_database, null::varchar(256) as schema_option
from pg_namespace where nspname <> 'sim_internal' and nspname !~ '^pg_(toast|temp)' and has_schema_privilege(nspname::text, 'usage');
create or replace view pg_catalog.svv_redshift_schemas as
select database_name, schema_name, schema_owner, schema_type, schema_acl, schema_option from pg_catalog.svv_all_schemas;
create or replace view pg_catalog.svv_all_tables as
select table_catalog as database_name, table_schema as schema_name, table_name, null::varchar(128) as table_acl,
    (case table_type when 'BASE TABLE' then 'TABLE' else table_type end)::varchar(128) as table_type, remarks
from pg_catalog.svv_tables where table_type <> 'LOCAL TEMPORARY';
create or replace view pg_catalog.svv_redshift_tables as
select database_name, schema_name, table_name, table_type, table_acl, remarks,
    (select pg_get_userbyid(c.relowner) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = schema_name and c.relname = table_name)::varchar(128) as table_owner
from pg_catalog.svv_all_tables;
create or replace view pg_catalog.svv_all_columns as
select table_catalog as database_name, table_schema as schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
    character_maximum_length, numeric_precision, numeric_scale, remarks
from pg_catalog.svv_columns;

-- A table's distribution and the first column of its sort key, which its constraints keep.
create or replace function sim_internal.distribution_of(oid) returns text language sql stable as $$
    select coalesce((select substr(conname, 10) from pg_constraint k where k.conrelid = $1 and starts_with(conname, 'sim_dist ')), 'AUTO(ALL)') $$;
create or replace function sim_internal.is_distkey(oid, name) returns boolean language sql stable as $$
    select exists (select from pg_constraint k where k.conrelid = $1 and conname = 'sim_dist KEY(' || $2 || ')') $$;
create or replace function sim_internal.sortkey_of(oid, name) returns int language sql stable as $$
    select case when exists (select from pg_constraint k where k.conrelid = $1 and conname like 'sim\_sort % ' || $2) then 1 else 0 end $$;

create or replace view pg_catalog.svv_redshift_columns as
select database_name, schema_name, table_name, column_name, ordinal_position, data_type, column_default, is_nullable, 'none'::varchar(128) as encoding,
    sim_internal.is_distkey(c.oid, column_name::name) as distkey, sim_internal.sortkey_of(c.oid, column_name::name) as sortkey, null::varchar(128) as column_acl, remarks
from pg_catalog.svv_all_columns a join pg_namespace n on n.nspname = a.schema_name join pg_class c on c.relnamespace = n.oid and c.relname = a.table_name;

-- What SHOW TABLES and SHOW COLUMNS tell.
create or replace view sim_internal.shown_tables as
select database_name, schema_name, table_name, table_type, table_acl, remarks, pg_get_userbyid(c.relowner)::varchar(128) as owner, null::timestamp as last_altered_time,
    null::timestamp as last_modified_time, (case when c.relkind = 'r' then sim_internal.distribution_of(c.oid) end)::varchar(128) as dist_style,
    (case when c.relkind = 'r' then 'REGULAR TABLE' when 'security_barrier=false' = any (c.reloptions) then 'LATE BINDING VIEW' else 'REGULAR VIEW' end)::varchar(128) as table_subtype
from pg_catalog.svv_all_tables a join pg_namespace n on n.nspname = a.schema_name join pg_class c on c.relnamespace = n.oid and c.relname = a.table_name;
create or replace view sim_internal.shown_columns as
select a.*, case sim_internal.sortkey_of(c.oid, column_name::name) when 1 then 'COMPOUND' end::varchar(128) as sort_key_type, sim_internal.sortkey_of(c.oid, column_name::name) as sort_key_order,
    case when sim_internal.is_distkey(c.oid, column_name::name) then 1 else 0 end as distribution_key, 'none'::varchar(128) as encoding, null::varchar(128) as "collation"
from pg_catalog.svv_all_columns a join pg_namespace n on n.nspname = a.schema_name join pg_class c on c.relnamespace = n.oid and c.relname = a.table_name;
grant select on sim_internal.shown_tables, sim_internal.shown_columns to public;

create or replace view pg_catalog.pg_user_info as
select usename, usesysid, usecreatedb, usesuper, false as usecatupd, passwd, valuntil, useconfig, 'UNLIMITED'::text as useconnlimit,
    case when usesuper then 'UNRESTRICTED' else 'RESTRICTED' end::text as syslogaccess, null::timestamp as last_ddl_ts, 0 as sessiontimeout, null::text as external_id
from pg_catalog.pg_user;
create or replace view pg_catalog.svv_user_info as
select usename::varchar(128) as user_name, usesysid::int as user_id, usecreatedb as createdb, usesuper as superuser, usecatupd as catalog_update, useconnlimit::varchar(128) as connection_limit,
    syslogaccess::varchar(128) as syslog_access, last_ddl_ts as last_ddl_timestamp, sessiontimeout as session_timeout, external_id::varchar(128) as external_user_id
from pg_catalog.pg_user_info where sim_internal.sees(usename);
-- 0 is EVEN, 1 KEY, 8 ALL and 9 AUTO, which has 10 in effect for a small table.
create or replace view pg_catalog.pg_class_info as
select c.oid as reloid, relname, relnamespace, reltype, relowner, relam, relfilenode, reltablespace, relpages, reltuples, reltoastrelid, relhasindex, relisshared, relkind, relnatts, relchecks,
    relhasrules, null::timestamp as relcreationtime,
    case when relkind <> 'r' then 0 when d.style like 'KEY%' then 1 when d.style = 'ALL' then 8 when d.style like 'AUTO%' then 9 else 0 end as reldiststyle,
    case when relkind <> 'r' then 0 when d.style like 'KEY%' then 1 when d.style = 'ALL' then 8 when d.style like 'AUTO%' then 10 else 0 end as releffectivediststyle
from pg_class c cross join lateral sim_internal.distribution_of(c.oid) d (style);

-- What runs and what has run.
create or replace view pg_catalog.stv_recents as
select sim_internal.user_id(user_name) as userid, (case status when 'running' then 'Running' else 'Done' end)::char(20) as status, start_time at time zone 'UTC' as starttime,
    (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as duration, user_name::char(50) as user_name, '{database}'::char(50) as db_name,
    query_text::char(600) as query, case status when 'running' then session_id else -1 end as pid
from (select *, row_number() over (order by query_id desc) as place from sim_internal.queries) q where place <= 100 and sim_internal.sees(user_name);
create or replace view pg_catalog.stv_inflight as
select sim_internal.user_id(user_name) as userid, 0 as slice, query_id::int as query, query_label::char(320) as label, transaction_id as xid, session_id as pid,
    start_time at time zone 'UTC' as starttime, query_text::char(100) as text, 0 as suspended, 0 as insert_pristine, 0 as concurrency_scaling_status
from sim_internal.queries where status = 'running' and sim_internal.sees(user_name);
create or replace view pg_catalog.svl_qlog as
select sim_internal.user_id(user_name) as userid, query_id::int as query, transaction_id as xid, session_id as pid, start_time at time zone 'UTC' as starttime,
    end_time at time zone 'UTC' as endtime, (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as elapsed,
    case when status = 'canceled' then 1 else 0 end as aborted, query_label::char(320) as label, query_text::char(60) as substring, null::int as source_query,
    ''::varchar(40) as concurrency_scaling_status_txt, 0 as from_sp_call
from sim_internal.queries where sim_internal.sees(user_name);
