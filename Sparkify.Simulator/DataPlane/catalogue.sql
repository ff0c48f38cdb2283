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
