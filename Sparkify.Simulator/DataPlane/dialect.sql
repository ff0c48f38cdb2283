-- What Redshift has and PostgreSQL lacks, or has otherwise, in a cluster's database: run at its creation, and again whenever it reads differently.
-- It lives in pg_catalog, as in Redshift, so that it is found whatever the search path.
set allow_system_table_mods = on;
set check_function_bodies = off;
alter table sim_internal.load_errors add column if not exists raw_line text, add column if not exists raw_field text;

-- The server takes names of up to 63 bytes: what is too long with the prefix is cut, with a hash of all of it at the end.
create or replace function sim_internal.role_of(name text) returns text language sql immutable as $$
    select case when length('{prefix}' || name) <= 63 then '{prefix}' || name
        else '{prefix}' || left(name, 33) || '.' || left(encode(sha256(convert_to(name, 'UTF8')), 'hex'), 12) end
$$;
create or replace function sim_internal.user_of(role text) returns text language sql stable security definer as $$
    select coalesce((select u.name from sim_internal.users u where sim_internal.role_of(u.name) = role), replace(role, '{prefix}', ''))
$$;

-- The session's user in the cluster's own names, and whether it may see another's rows: superusers see all, the others their own.
create or replace function sim_internal."current_user"() returns text language sql stable security definer as $$ select sim_internal.user_of(session_user::text) $$;
create or replace function sim_internal.sees(name text) returns boolean language sql stable security definer as $$
    select name = sim_internal."current_user"()
        or exists (select from sim_internal.users u where u.superuser and u.name = sim_internal."current_user"())
$$;
create or replace function sim_internal.user_id(name text) returns int language sql stable as $$ select oid::int from pg_roles where rolname = sim_internal.role_of(name) $$;

create or replace view pg_catalog.sys_query_history as
select sim_internal.user_id(user_name) as user_id, query_id, query_label::char(320) as query_label, transaction_id, session_id, '{database}'::char(128) as database_name,
    query_type::char(32) as query_type, status::char(10) as status, false as result_cache_hit, start_time at time zone 'UTC' as start_time,
    end_time at time zone 'UTC' as end_time, (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as elapsed_time, 0::bigint as queue_time,
    (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as execution_time, error_message::char(512) as error_message, returned_rows,
    0::bigint as returned_bytes, query_text::char(4000) as query_text, '8.0.2'::char(256) as redshift_version, 'primary'::char(10) as compute_type
from sim_internal.queries where sim_internal.sees(user_name);

create or replace view pg_catalog.sys_query_text as
select sim_internal.user_id(user_name) as user_id, query_id, transaction_id, session_id, start_time at time zone 'UTC' as start_time, n as sequence,
    substr(query_text, n * 200 + 1, 200)::char(200) as text
from sim_internal.queries, generate_series(0, length(query_text) / 200) n where sim_internal.sees(user_name);

create or replace view pg_catalog.sys_transaction_history as
select sim_internal.user_id(user_name) as user_id, transaction_id, 'Serializable'::char(50) as isolation_level, status::char(20) as status,
    start_time at time zone 'UTC' as transaction_start_time, case when status = 'committed' then end_time end at time zone 'UTC' as commit_start_time,
    case when status = 'committed' then end_time end at time zone 'UTC' as commit_end_time, case when status = 'aborted' then end_time end at time zone 'UTC' as undo_end_time
from sim_internal.transactions where sim_internal.sees(user_name);

create or replace view pg_catalog.sys_load_history as
select sim_internal.user_id(user_name) as user_id, query_id, transaction_id, session_id, '{database}'::char(128) as database_name, l.status::char(10) as status,
    table_name::char(128) as table_name, start_time at time zone 'UTC' as start_time, end_time at time zone 'UTC' as end_time,
    (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as duration, data_source, file_format::char(32) as file_format, loaded_rows,
    loaded_bytes, source_file_count, source_file_bytes, file_count_scanned::int as file_count_scanned, file_bytes_scanned, error_count::int as error_count, 0::bigint as copy_job_id
from sim_internal.loads l join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

create or replace view pg_catalog.sys_load_detail as
select sim_internal.user_id(user_name) as user_id, query_id, file_name::char(256) as file_name, bytes_scanned, lines_scanned::int as lines_scanned, 1 as splits_scanned,
    f.end_time at time zone 'UTC' as record_time, f.start_time at time zone 'UTC' as start_time, f.end_time at time zone 'UTC' as end_time
from sim_internal.load_files f join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

create or replace view pg_catalog.sys_load_error_detail as
select sim_internal.user_id(user_name) as user_id, query_id, transaction_id, session_id, '{database}'::char(128) as database_name,
    coalesce(to_regclass(table_name)::oid::int, 0) as table_id, e.start_time at time zone 'UTC' as start_time, file_name::char(256) as file_name, line_number,
    column_name::char(127) as column_name, column_type::char(10) as column_type, column_length::char(10) as column_length, position, error_code,
    e.error_message::char(512) as error_message
from sim_internal.load_errors e join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

-- Superusers only, and no row for an empty table.
-- Counted: the server's own statistics lag behind, and for a moment count twice what was inserted just before ANALYZE.
create or replace function sim_internal.rows_of(oid) returns bigint language plpgsql stable security definer as $$
declare
    found bigint;
begin
    if exists (select from pg_class where oid = $1 and relpersistence = 't') then
        return 0; -- another session's temporary table cannot be read
    end if;
    execute format('select count(*) from %s', $1::regclass) into found;
    return found;
end $$;

create or replace view pg_catalog.svv_table_info as
select '{database}'::text as database, n.nspname::text as schema, c.oid::int as table_id, c.relname::text as "table", 'Y, AUTO(ENCODE)'::text as encoded,
    coalesce((select substr(conname, 10) from pg_constraint k where k.conrelid = c.oid and starts_with(conname, 'sim_dist ')), 'AUTO(ALL)')::text as diststyle,
    (select substr(conname, strpos(substr(conname, 10), ' ') + 10) from pg_constraint k where k.conrelid = c.oid and starts_with(conname, 'sim_sort '))::text as sortkey1,
    (select max(atttypmod - 4) from pg_attribute a where a.attrelid = c.oid and atttypid = 1043) as max_varchar,
    null::char(32) as sortkey1_enc,
    coalesce((select split_part(conname, ' ', 2)::int from pg_constraint k where k.conrelid = c.oid and starts_with(conname, 'sim_sort ')), 0) as sortkey_num,
    greatest(1, pg_total_relation_size(c.oid) / 1048576)::bigint as size, 0.01::numeric(10, 4) as pct_used, 0::bigint as empty, 0::numeric(5, 2) as unsorted,
    case when c.reltuples < 0 then 100 else 0 end::numeric(5, 2) as stats_off, r.found::numeric(38, 0) as tbl_rows,
    null::numeric(19, 2) as skew_sortkey1, null::numeric(19, 2) as skew_rows, r.found::numeric(38, 0) as estimated_visible_rows,
    null::text as risk_event, null::numeric(12, 2) as vacuum_sort_benefit
from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral sim_internal.rows_of(c.oid) r (found)
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'sim_internal') and n.nspname not like 'pg\_t%'
    and r.found > 0 and sim_internal.sees('');

create or replace view pg_catalog.pg_table_def as
select n.nspname as schemaname, c.relname as tablename, a.attname as "column", format_type(a.atttypid, a.atttypmod) as type, 'none'::text as encoding,
    exists (select from pg_constraint k where k.conrelid = c.oid and conname = 'sim_dist KEY(' || a.attname || ')') as distkey,
    case when exists (select from pg_constraint k where k.conrelid = c.oid and conname like 'sim\_sort % ' || a.attname) then 1 else 0 end as sortkey, a.attnotnull as "notnull"
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and pg_table_is_visible(c.oid) and n.nspname <> 'pg_catalog';

-- The views of before SYS_*, and of tables and columns.
create or replace view pg_catalog.stl_load_errors as
select sim_internal.user_id(user_name) as userid, 0 as slice, coalesce(to_regclass(table_name)::oid::int, 0) as tbl, e.start_time at time zone 'UTC' as starttime,
    session_id as session, query_id::int as query, file_name::char(256) as filename, line_number, column_name::char(127) as colname, column_type::char(10) as type,
    column_length::char(10) as col_length, position, coalesce(raw_line, '')::char(1024) as raw_line, coalesce(raw_field, '')::char(1024) as raw_field_value,
    error_code as err_code, e.error_message::char(100) as err_reason, 0 as is_partial, 0::bigint as start_offset, 0::bigint as copy_job_id
from sim_internal.load_errors e join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

create or replace view pg_catalog.stl_load_commits as
select sim_internal.user_id(user_name) as userid, query_id::int as query, 0 as slice, ''::char(256) as name, file_name::char(256) as filename, 0 as byte_offset,
    lines_scanned::int as lines_scanned, 0 as errors, f.end_time at time zone 'UTC' as curtime, 1 as status, ''::char(16) as file_format, 0 as is_partial,
    0::bigint as start_offset, 0::bigint as copy_job_id
from sim_internal.load_files f join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

create or replace view pg_catalog.stl_query as
select sim_internal.user_id(user_name) as userid, query_id::int as query, query_label::char(320) as label, transaction_id as xid, session_id as pid,
    '{database}'::char(32) as database, query_text::char(4000) as querytxt, start_time at time zone 'UTC' as starttime, end_time at time zone 'UTC' as endtime,
    case when status = 'canceled' then 1 else 0 end as aborted
from sim_internal.queries where sim_internal.sees(user_name);

create or replace view pg_catalog.svv_tables as
select '{database}'::varchar(128) as table_catalog, table_schema::varchar(128), table_name::varchar(128), table_type::varchar(128), null::varchar(256) as remarks
from information_schema.tables where table_schema <> 'sim_internal';

create or replace view pg_catalog.svv_columns as
select '{database}'::varchar(128) as table_catalog, table_schema::varchar(128), table_name::varchar(128), column_name::varchar(128), ordinal_position::int,
    column_default::varchar(4000), is_nullable::varchar(3), data_type::varchar(128), character_maximum_length::int, numeric_precision::int,
    numeric_precision_radix::int, numeric_scale::int, datetime_precision::int, null::varchar(128) as interval_type, null::varchar(128) as interval_precision,
    null::varchar(128) as character_set_catalog, null::varchar(128) as character_set_schema, null::varchar(128) as character_set_name,
    null::varchar(128) as collation_catalog, null::varchar(128) as collation_schema, null::varchar(128) as collation_name, null::varchar(128) as domain_name,
    null::varchar(256) as remarks
from information_schema.columns where table_schema <> 'sim_internal';

-- Users in the cluster's names.
create or replace view pg_catalog.pg_user as
select sim_internal.user_of(usename::text)::name as usename, usesysid, usecreatedb, coalesce((select u.superuser from sim_internal.users u where sim_internal.role_of(u.name) = usename), false) as usesuper,
    userepl, usebypassrls, '********'::text as passwd, valuntil, useconfig
from pg_shadow where starts_with(usename, '{prefix}');
-- Groups in the cluster's names; roles that no one logs in as.
create or replace view pg_catalog.pg_group as
select substr(rolname, length('{prefix}g.') + 1)::name as groname, oid as grosysid, array(select member from pg_auth_members where roleid = oid) as grolist
from pg_authid where starts_with(rolname, '{prefix}g.') and not rolcanlogin;

-- What each user has given away by default; the server has a table of this name itself, which statements are not led to.
create or replace view pg_catalog.sim_default_acl as
select defaclrole as defacluser, defaclnamespace, defaclobjtype,
    array(select replace(replace(replace(item::text, '"', ''), '{prefix}g.', 'group '), '{prefix}', '') from unnest(defaclacl) as item) as defaclacl
from pg_default_acl where defaclrole in (select usesysid from pg_shadow where starts_with(usename, '{prefix}'));

-- The sessions of the cluster's users: a superuser sees all, the others their own.
create or replace function sim_internal.sessions() returns table (process int, user_name text, starttime timestamptz) language sql stable security definer as $$
    select pid, sim_internal.user_of(usename::text), backend_start from pg_stat_activity
    where datname = '{name}' and backend_type = 'client backend' and starts_with(usename, '{prefix}')
$$;
create or replace view pg_catalog.stv_sessions as
select starttime at time zone 'UTC' as starttime, process, user_name::char(50) as user_name, '{database}'::char(50) as db_name, 0 as timeout_sec
from sim_internal.sessions() where sim_internal.sees(user_name);
-- A built-in function is replaced only where the planner puts our expression in its place: stable, and without a subquery.
create or replace function pg_catalog.pg_get_userbyid(oid) returns name language sql stable as $$
    select coalesce(substring(trim(both '"' from $1::regrole::text) from '^{prefix}(.*)$'), 'rdsdb')::name
$$;
create or replace function pg_catalog.current_database() returns name language sql stable as $$ select '{database}'::name $$;
create or replace function pg_catalog.version() returns text language sql stable as $$
    select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.99999 (simulated)'::text $$;

create or replace function pg_catalog.getdate() returns timestamp language sql stable as $$ select (statement_timestamp() at time zone 'UTC')::timestamp(0) $$;
create or replace function pg_catalog.len(text) returns int language sql immutable as $$ select length($1) $$;
create or replace function pg_catalog.charindex(text, text) returns int language sql immutable as $$ select strpos($2, $1) $$;
create or replace function pg_catalog.trunc(timestamp) returns date language sql immutable as $$ select $1::date $$;
create or replace function pg_catalog.regexp_replace(text, text, text) returns text language sql stable as $$ select regexp_replace($1, $2, $3, 'g') $$;
create or replace function pg_catalog.strtol(text, int) returns bigint language plpgsql immutable strict as $$
declare
    digits constant text := lower(ltrim(ltrim($1), '+-'));
    total numeric := 0;
    digit int;
begin
    if $2 not between 2 and 36 then
        raise exception 'The input base is not between 2 and 36' using errcode = '22023';
    end if;
    for i in 1 .. length(digits) loop
        digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(digits, i, 1)) - 1;
        if digit < 0 or digit >= $2 then
            raise exception 'The input % is not valid to be converted to base %', $1, $2 using errcode = '22023';
        end if;
        total := total * $2 + digit;
    end loop;
    total := case when ltrim($1) like '-%' then -total else total end;
    if total not between -9223372036854775808 and 9223372036854775807 then
        raise exception 'Error (code 8001) while performing STRTOL: out of range' using errcode = '22003';
    end if;
    return total::bigint;
end $$;

create or replace function pg_catalog.dateadd(text, bigint, timestamp) returns timestamp language sql immutable as $$
    select $3 + case $1 when 'quarter' then $2 * interval '3 months' else $2 * ('1 ' || $1)::interval end $$;
create or replace function pg_catalog.datediff(text, timestamp, timestamp) returns bigint language sql immutable as $$
    -- Redshift counts the boundaries of the part that lie between the two.
    select case $1
        when 'year' then (extract(year from $3) - extract(year from $2))::bigint
        when 'quarter' then ((extract(year from $3) - extract(year from $2)) * 4 + extract(quarter from $3) - extract(quarter from $2))::bigint
        when 'month' then ((extract(year from $3) - extract(year from $2)) * 12 + extract(month from $3) - extract(month from $2))::bigint
        when 'week' then (date_trunc('week', $3 + interval '1 day')::date - date_trunc('week', $2 + interval '1 day')::date) / 7
        when 'day' then $3::date - $2::date
        when 'milliseconds' then floor(extract(epoch from $3) * 1000)::bigint - floor(extract(epoch from $2) * 1000)::bigint
        when 'microseconds' then (extract(epoch from $3) * 1000000)::bigint - (extract(epoch from $2) * 1000000)::bigint
        else (extract(epoch from date_trunc($1, $3) - date_trunc($1, $2))
            / extract(epoch from ('1 ' || $1)::interval))::bigint end $$;
create or replace function pg_catalog.convert_timezone(text, text, timestamp) returns timestamp language sql immutable as $$ select ($3 at time zone $1) at time zone $2 $$;
create or replace function pg_catalog.convert_timezone(text, timestamp) returns timestamp language sql immutable as $$ select ($2 at time zone 'UTC') at time zone $1 $$;
create or replace function pg_catalog.pg_last_copy_count() returns bigint language sql stable as $$ select coalesce(nullif(current_setting('sim.last_copy_count', true), ''), '0')::bigint $$;
create or replace function pg_catalog.pg_last_copy_id() returns int language sql stable as $$ select coalesce(nullif(current_setting('sim.last_copy_id', true), ''), '-1')::int $$;

create or replace function pg_catalog.date_trunc(text, date) returns timestamp language sql immutable as $$ select date_trunc($1, $2::timestamp) $$;
create or replace function pg_catalog.last_day(timestamp) returns date language sql immutable as $$
    select (date_trunc('month', $1) + interval '1 month')::date - 1 $$;
-- The last day of a month stays the last day.
create or replace function pg_catalog.add_months(timestamp, bigint) returns timestamp language sql immutable as $$
    select case when $1::date = last_day($1) then last_day($1 + $2 * interval '1 month') + $1::time else $1 + $2 * interval '1 month' end $$;
create or replace function pg_catalog.round(float8, int) returns float8 language sql immutable as $$ select round($1::numeric, $2)::float8 $$;
create or replace function pg_catalog.trunc(float8, int) returns float8 language sql immutable as $$ select trunc($1::numeric, $2)::float8 $$;
create or replace function pg_catalog.sha2(text, int) returns varchar language sql immutable strict as $$
    select encode(case $2 when 0 then sha256(convert_to($1, 'UTF8')) when 256 then sha256(convert_to($1, 'UTF8')) when 224 then sha224(convert_to($1, 'UTF8'))
        when 384 then sha384(convert_to($1, 'UTF8')) when 512 then sha512(convert_to($1, 'UTF8')) end, 'hex') $$;

-- EXTRACT; a third argument asks for what an integer of four bytes does not hold.
create or replace function sim_internal.date_part(text, timestamp) returns int language sql immutable as $$
    select case $1 when 'milliseconds' then floor(pg_catalog.date_part($1, $2))::bigint % 1000 when 'microseconds' then floor(pg_catalog.date_part($1, $2))::bigint % 1000000
        else floor(pg_catalog.date_part($1, $2))::bigint end::int $$;
create or replace function sim_internal.date_part(text, date) returns int language sql immutable as $$ select sim_internal.date_part($1, $2::timestamp) $$;
create or replace function sim_internal.date_part(text, time) returns int language sql immutable as $$ select floor(pg_catalog.date_part($1, $2))::int $$;
create or replace function sim_internal.date_part(text, interval) returns int language sql immutable as $$ select floor(pg_catalog.date_part($1, $2))::int $$;
create or replace function sim_internal.date_part(text, timestamptz) returns float8 language sql stable as $$ select pg_catalog.date_part($1, $2) $$;
create or replace function sim_internal.date_part(text, timestamp, boolean) returns bigint language sql immutable as $$ select floor(pg_catalog.date_part($1, $2))::bigint $$;
create or replace function sim_internal.date_part(text, interval, boolean) returns bigint language sql immutable as $$ select floor(pg_catalog.date_part($1, $2))::bigint $$;
create or replace function sim_internal.date_part(text, timestamptz, boolean) returns float8 language sql stable as $$ select pg_catalog.date_part($1, $2) $$;

create or replace function sim_internal.valid_json(text) returns json language plpgsql immutable strict as $$
begin
    return $1::json;
exception when invalid_text_representation then
    return null;
end $$;
create or replace function sim_internal.parsed(text) returns json language plpgsql immutable strict as $$
begin
    return $1::json;
exception when invalid_text_representation then
    raise exception 'JSON parsing error' using errcode = 'XX000', detail = 'error:  JSON parsing error, the string is no valid JSON object or array';
end $$;
create or replace function pg_catalog.is_valid_json(text) returns boolean language sql immutable strict as $$
    select coalesce(json_typeof(sim_internal.valid_json($1)) = 'object', false) $$;
create or replace function pg_catalog.is_valid_json_array(text) returns boolean language sql immutable strict as $$
    select coalesce(json_typeof(sim_internal.valid_json($1)) = 'array', false) $$;
create or replace function pg_catalog.json_extract_path_text(text, variadic text[]) returns varchar language sql immutable strict as $$
    select sim_internal.parsed($1) #>> $2 $$;
create or replace function pg_catalog.json_extract_array_element_text(json, int) returns varchar language sql immutable strict as $$
    select case when $2 >= 0 and json_typeof($1) = 'array' then $1 ->> $2 end $$;
create or replace function pg_catalog.json_extract_array_element_text(text, int) returns varchar language sql immutable strict as $$
    select json_extract_array_element_text(sim_internal.parsed($1), $2) $$;
create or replace function pg_catalog.json_array_length(text) returns int language sql immutable strict as $$ select json_array_length(sim_internal.parsed($1)) $$;

create or replace aggregate pg_catalog.listagg(text, text) (sfunc = string_agg_transfn, stype = internal, finalfunc = string_agg_finalfn);
create or replace function sim_internal.first_of(anyelement, anyelement) returns anyelement language sql immutable strict as $$ select $1 $$;
create or replace aggregate pg_catalog.any_value(anyelement) (sfunc = sim_internal.first_of, stype = anyelement);

-- The middle, or half-way between the two in the middle.
create or replace function sim_internal.middle(numeric[]) returns numeric language sql immutable as $$
    select pg_catalog.avg(v) from (select v, row_number() over (order by v) as at, count(*) over () as rows from unnest($1) v where v is not null) s
    where at in ((rows + 1) / 2, (rows + 2) / 2) $$;
create or replace function sim_internal.middle(float8[]) returns float8 language sql immutable as $$
    select pg_catalog.avg(v) from (select v, row_number() over (order by v) as at, count(*) over () as rows from unnest($1) v where v is not null) s
    where at in ((rows + 1) / 2, (rows + 2) / 2) $$;
create or replace function sim_internal.middle(timestamp[]) returns timestamp language sql immutable as $$
    select min(v) + (max(v) - min(v)) / 2 from (select v, row_number() over (order by v) as at, count(*) over () as rows from unnest($1) v where v is not null) s
    where at in ((rows + 1) / 2, (rows + 2) / 2) $$;
create or replace aggregate pg_catalog.median(numeric) (sfunc = array_append, stype = numeric[], finalfunc = sim_internal.middle);
create or replace function sim_internal.gather(numeric[], bigint) returns numeric[] language sql immutable as $$ select array_append($1, $2::numeric) $$;
create or replace aggregate pg_catalog.median(bigint) (sfunc = sim_internal.gather, stype = numeric[], finalfunc = sim_internal.middle);
create or replace aggregate pg_catalog.median(float8) (sfunc = array_append, stype = float8[], finalfunc = sim_internal.middle);
create or replace aggregate pg_catalog.median(timestamp) (sfunc = array_append, stype = timestamp[], finalfunc = sim_internal.middle);

-- The average of whole numbers is a whole number. A type of result is part of what cannot be replaced, so it is changed first.
update pg_catalog.pg_proc set prorettype = 'bigint'::regtype
where oid in ('pg_catalog.avg(int2)'::regprocedure, 'pg_catalog.avg(int4)'::regprocedure, 'pg_catalog.avg(int8)'::regprocedure) and prorettype <> 'bigint'::regtype;
create or replace function sim_internal.whole(bigint[]) returns bigint language sql immutable as $$ select $1[2] / nullif($1[1], 0) $$;
create or replace function sim_internal.whole(numeric[]) returns bigint language sql immutable as $$ select trunc($1[2] / nullif($1[1], 0))::bigint $$;
create or replace function sim_internal.add_up(numeric[], bigint) returns numeric[] language sql immutable strict as $$ select array[$1[1] + 1, $1[2] + $2] $$;
create or replace aggregate pg_catalog.avg(int2) (sfunc = int2_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = sim_internal.whole, combinefunc = int4_avg_combine,
    msfunc = int2_avg_accum, minvfunc = int2_avg_accum_inv, mstype = bigint[], minitcond = '{0,0}', mfinalfunc = sim_internal.whole, parallel = safe);
create or replace aggregate pg_catalog.avg(int4) (sfunc = int4_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = sim_internal.whole, combinefunc = int4_avg_combine,
    msfunc = int4_avg_accum, minvfunc = int4_avg_accum_inv, mstype = bigint[], minitcond = '{0,0}', mfinalfunc = sim_internal.whole, parallel = safe);
create or replace aggregate pg_catalog.avg(int8) (sfunc = sim_internal.add_up, stype = numeric[], initcond = '{0,0}', finalfunc = sim_internal.whole);

-- CONCAT takes two texts, and is nothing when one of them is.
do $$
begin
    if to_regprocedure('pg_catalog.concat("any")') is not null then
        alter function pg_catalog.concat(variadic "any") rename to "concat of postgres";
    end if;
end $$;
create or replace function pg_catalog.concat(text, text) returns varchar language internal immutable strict parallel safe as 'textcat';

-- Blanks at the end of a text are nothing to =, <, ORDER BY, GROUP BY, DISTINCT, joins and whatever else compares: the server's own functions for CHAR, which
-- compare so, stand behind the operators and operator classes of text, which VARCHAR uses too. LIKE, LEN and || see the blanks.
create or replace function sim_internal.texteq(text, text) returns boolean language internal immutable strict leakproof parallel safe as 'bpchareq';
create or replace function sim_internal.textne(text, text) returns boolean language internal immutable strict leakproof parallel safe as 'bpcharne';
create or replace function sim_internal.text_lt(text, text) returns boolean language internal immutable strict leakproof parallel safe as 'bpcharlt';
create or replace function sim_internal.text_le(text, text) returns boolean language internal immutable strict leakproof parallel safe as 'bpcharle';
create or replace function sim_internal.text_gt(text, text) returns boolean language internal immutable strict leakproof parallel safe as 'bpchargt';
create or replace function sim_internal.text_ge(text, text) returns boolean language internal immutable strict leakproof parallel safe as 'bpcharge';
create or replace function sim_internal.bttextcmp(text, text) returns int language internal immutable strict leakproof parallel safe as 'bpcharcmp';
create or replace function sim_internal.bttextsortsupport(internal) returns void language internal immutable strict parallel safe as 'bpchar_sortsupport';
create or replace function sim_internal.hashtext(text) returns int language internal immutable strict parallel safe as 'hashbpchar';
create or replace function sim_internal.hashtextextended(text, bigint) returns bigint language internal immutable strict parallel safe as 'hashbpcharextended';
update pg_catalog.pg_operator o set oprcode = p.oid from pg_proc p
where p.pronamespace = 'sim_internal'::regnamespace and o.oprleft = 'text'::regtype and o.oprright = 'text'::regtype and o.oprnamespace = 'pg_catalog'::regnamespace
    and p.proname = case o.oprname when '=' then 'texteq' when '<>' then 'textne' when '<' then 'text_lt' when '<=' then 'text_le' when '>' then 'text_gt' when '>=' then 'text_ge' end;
update pg_catalog.pg_amproc a set amproc = p.oid from pg_proc p, pg_opfamily f, pg_am m
where p.pronamespace = 'sim_internal'::regnamespace and f.oid = a.amprocfamily and m.oid = f.opfmethod and f.opfname = 'text_ops' and f.opfnamespace = 'pg_catalog'::regnamespace
    and a.amproclefttype = 'text'::regtype and a.amprocrighttype = 'text'::regtype
    and p.proname = case m.amname || a.amprocnum when 'btree1' then 'bttextcmp' when 'btree2' then 'bttextsortsupport' when 'hash1' then 'hashtext' when 'hash2' then 'hashtextextended' end;
-- Two that are equal need not be the same bytes any more.
delete from pg_catalog.pg_amproc a using pg_opfamily f, pg_am m
where f.oid = a.amprocfamily and m.oid = f.opfmethod and m.amname = 'btree' and f.opfname = 'text_ops' and a.amprocnum = 4;

-- Numbers beside texts are compared as their texts, and DECIMAL as what the text says (https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html). Each is
-- one expression that the planner puts in its place, so that such a join is hashed as any other.
do $$
declare
    number text;
    sign text;
    kind text;
    shown text;
    said text;
begin
    foreach number in array array['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'] loop
        for sign, kind in values ('=', 'eq'), ('<>', 'ne'), ('<', 'lt'), ('<=', 'le'), ('>', 'gt'), ('>=', 'ge'), ('~~', 'like'), ('!~~', 'unlike') loop
            shown := case when number = 'numeric' and kind not in ('like', 'unlike') then '%s' else '%s::text' end;
            said := case when number = 'numeric' and kind not in ('like', 'unlike') then '%s::numeric' else '%s' end;
            execute format('create or replace function sim_internal.mixed_%s(%s, text) returns boolean language sql immutable parallel safe as $f$ select %s operator(pg_catalog.%s) %s $f$',
                kind, number, format(shown, '$1'), sign, format(said, '$2'));
            execute format('create or replace function sim_internal.mixed_%s(text, %s) returns boolean language sql immutable parallel safe as $f$ select %s operator(pg_catalog.%s) %s $f$',
                kind, number, format(said, '$1'), sign, format(shown, '$2'));
            if to_regoperator(format('pg_catalog.%s(%s,text)', sign, number)) is null then
                execute format('create operator pg_catalog.%s (function = sim_internal.mixed_%s, leftarg = %s, rightarg = text)', sign, kind, number);
                execute format('create operator pg_catalog.%s (function = sim_internal.mixed_%s, leftarg = text, rightarg = %s)', sign, kind, number);
            end if;
        end loop;
    end loop;

    -- Functions of texts take numbers as their texts, too.
    foreach number in array array['int4', 'int8', 'float8', 'numeric'] loop
        execute format($f$
            create or replace function pg_catalog.concat(text, %1$s) returns varchar language sql immutable parallel safe as $g$ select $1 || $2::text $g$;
            create or replace function pg_catalog.concat(%1$s, text) returns varchar language sql immutable parallel safe as $g$ select $1::text || $2 $g$;
            create or replace function pg_catalog.concat(%1$s, %1$s) returns varchar language sql immutable parallel safe as $g$ select $1::text || $2::text $g$;
            create or replace function pg_catalog.len(%1$s) returns int language sql immutable parallel safe as $g$ select length($1::text) $g$;
            create or replace function pg_catalog.length(%1$s) returns int language sql immutable parallel safe as $g$ select length($1::text) $g$;
            create or replace function pg_catalog.lower(%1$s) returns text language sql immutable parallel safe as $g$ select lower($1::text) $g$;
            create or replace function pg_catalog.upper(%1$s) returns text language sql immutable parallel safe as $g$ select upper($1::text) $g$;
            create or replace function pg_catalog.btrim(%1$s) returns text language sql immutable parallel safe as $g$ select btrim($1::text) $g$;
            create or replace function pg_catalog."left"(%1$s, int) returns text language sql immutable parallel safe as $g$ select pg_catalog."left"($1::text, $2) $g$;
            create or replace function pg_catalog."right"(%1$s, int) returns text language sql immutable parallel safe as $g$ select pg_catalog."right"($1::text, $2) $g$;
            create or replace function pg_catalog.substring(%1$s, int) returns text language sql immutable parallel safe as $g$ select pg_catalog.substring($1::text, $2) $g$;
            create or replace function pg_catalog.substring(%1$s, int, int) returns text language sql immutable parallel safe as $g$ select pg_catalog.substring($1::text, $2, $3) $g$;
            create or replace function pg_catalog.substr(%1$s, int) returns text language sql immutable parallel safe as $g$ select pg_catalog.substr($1::text, $2) $g$;
            create or replace function pg_catalog.substr(%1$s, int, int) returns text language sql immutable parallel safe as $g$ select pg_catalog.substr($1::text, $2, $3) $g$;
            create or replace function pg_catalog.lpad(%1$s, int, text) returns text language sql immutable parallel safe as $g$ select lpad($1::text, $2, $3) $g$;
            create or replace function pg_catalog.rpad(%1$s, int, text) returns text language sql immutable parallel safe as $g$ select rpad($1::text, $2, $3) $g$;
            $f$, number);
    end loop;
end $$;

-- Texts are joined by +, too.
do $$
begin
    if to_regoperator('pg_catalog.+(text,text)') is null then
        create operator pg_catalog.+ (function = pg_catalog.textcat, leftarg = text, rightarg = text);
    end if;
end $$;

-- A whole number is a truth value where one is wanted: 0 is false.
create or replace function sim_internal.truth(bigint) returns boolean language sql immutable strict parallel safe as $$ select $1 <> 0 $$;
create or replace function sim_internal.truth(smallint) returns boolean language sql immutable strict parallel safe as $$ select $1 <> 0 $$;
update pg_catalog.pg_cast set castcontext = 'a' where castsource = 'int4'::regtype and casttarget = 'bool'::regtype and castcontext = 'e';
do $$
begin
    if not exists (select from pg_cast where castsource = 'int8'::regtype and casttarget = 'bool'::regtype) then
        create cast (bigint as boolean) with function sim_internal.truth(bigint) as assignment;
        create cast (smallint as boolean) with function sim_internal.truth(smallint) as assignment;
    end if;
end $$;

create or replace function pg_catalog.date_part_year(date) returns int language sql immutable as $$ select extract(year from $1)::int $$;
create or replace function pg_catalog.dlog1(float8) returns float8 language sql immutable as $$ select ln($1) $$;
create or replace function pg_catalog.dlog10(float8) returns float8 language sql immutable as $$ select log($1) $$;
create or replace function pg_catalog.dexp(float8) returns float8 language sql immutable as $$ select exp($1) $$;
create or replace function pg_catalog.textlen(text) returns int language sql immutable as $$ select length($1) $$;
-- Whole where both are the same day of their months, or the last; otherwise with a part of 31 days.
create or replace function pg_catalog.months_between(timestamp, timestamp) returns float8 language sql immutable as $$
    select (extract(year from $1) - extract(year from $2)) * 12 + extract(month from $1) - extract(month from $2)
        + case when extract(day from $1) = extract(day from $2) or (last_day($1) = $1::date and last_day($2) = $2::date) then 0
            else extract(epoch from ($1 - date_trunc('month', $1)) - ($2 - date_trunc('month', $2))) / (31 * 86400) end $$;
