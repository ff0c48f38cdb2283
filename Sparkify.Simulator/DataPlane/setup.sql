-- What Redshift has and PostgreSQL lacks, in a cluster's database. It lives in pg_catalog, as in Redshift, so that it is found whatever the search path.
set allow_system_table_mods = on;
grant all on schema public to public;
alter schema public owner to "{master}";
grant pg_read_all_data, pg_write_all_data to "{master}";

create schema sim_internal;
grant usage on schema sim_internal to public;
create table sim_internal.users (name text primary key, password text, superuser boolean not null);
create table sim_internal.queries (
    query_id bigint primary key, user_name text not null, query_label text, transaction_id bigint, session_id int, query_type text, status text,
    start_time timestamptz, end_time timestamptz, error_message text, returned_rows bigint, query_text text);
create index on sim_internal.queries (transaction_id);
create table sim_internal.transactions (transaction_id bigint primary key, user_name text, status text, start_time timestamptz, end_time timestamptz);
create table sim_internal.loads (
    query_id bigint primary key, status text, table_name text, data_source text, file_format text, source_file_count int, source_file_bytes bigint,
    file_count_scanned bigint, file_bytes_scanned bigint, loaded_rows bigint, loaded_bytes bigint, error_count bigint);
create table sim_internal.load_files (query_id bigint, file_name text, bytes_scanned bigint, lines_scanned bigint, start_time timestamptz, end_time timestamptz);
create index on sim_internal.load_files (query_id);
create table sim_internal.load_errors (
    query_id bigint, table_name text, start_time timestamptz, file_name text, line_number bigint, column_name text, column_type text, column_length text,
    position int, error_code int, error_message text);
create index on sim_internal.load_errors (query_id);

create function sim_internal.forget_running() returns bigint language sql as $$
    update sim_internal.queries set status = 'failed', end_time = now(), error_message = 'The simulator was stopped.' where status = 'running';
    update sim_internal.loads set status = 'aborted' where status = 'running';
    update sim_internal.transactions set status = 'aborted', end_time = now() where status = 'active';
    select greatest(1000, (select max(query_id) from sim_internal.queries), (select max(transaction_id) from sim_internal.transactions));
$$;

-- The server takes names of up to 63 bytes: what is too long with the prefix is cut, with a hash of all of it at the end.
create function sim_internal.role_of(name text) returns text language sql immutable as $$
    select case when length('{prefix}' || name) <= 63 then '{prefix}' || name
        else '{prefix}' || left(name, 33) || '.' || left(encode(sha256(convert_to(name, 'UTF8')), 'hex'), 12) end
$$;
create function sim_internal.user_of(role text) returns text language sql stable security definer as $$
    select coalesce((select u.name from sim_internal.users u where sim_internal.role_of(u.name) = role), replace(role, '{prefix}', ''))
$$;

-- The session's user in the cluster's own names, and whether it may see another's rows: superusers see all, the others their own.
create function sim_internal."current_user"() returns text language sql stable security definer as $$ select sim_internal.user_of(session_user::text) $$;
create function sim_internal.sees(name text) returns boolean language sql stable security definer as $$
    select name = sim_internal."current_user"()
        or exists (select from sim_internal.users u where u.superuser and u.name = sim_internal."current_user"())
$$;
create function sim_internal.user_id(name text) returns int language sql stable as $$ select oid::int from pg_roles where rolname = sim_internal.role_of(name) $$;

create view pg_catalog.sys_query_history as
select sim_internal.user_id(user_name) as user_id, query_id, query_label::char(320) as query_label, transaction_id, session_id, '{database}'::char(128) as database_name,
    query_type::char(32) as query_type, status::char(10) as status, false as result_cache_hit, start_time at time zone 'UTC' as start_time,
    end_time at time zone 'UTC' as end_time, (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as elapsed_time, 0::bigint as queue_time,
    (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as execution_time, error_message::char(512) as error_message, returned_rows,
    0::bigint as returned_bytes, query_text::char(4000) as query_text, '8.0.2'::char(256) as redshift_version, 'primary'::char(10) as compute_type
from sim_internal.queries where sim_internal.sees(user_name);

create view pg_catalog.sys_query_text as
select sim_internal.user_id(user_name) as user_id, query_id, transaction_id, session_id, start_time at time zone 'UTC' as start_time, n as sequence,
    substr(query_text, n * 200 + 1, 200)::char(200) as text
from sim_internal.queries, generate_series(0, length(query_text) / 200) n where sim_internal.sees(user_name);

create view pg_catalog.sys_transaction_history as
select sim_internal.user_id(user_name) as user_id, transaction_id, 'Serializable'::char(50) as isolation_level, status::char(20) as status,
    start_time at time zone 'UTC' as transaction_start_time, case when status = 'committed' then end_time end at time zone 'UTC' as commit_start_time,
    case when status = 'committed' then end_time end at time zone 'UTC' as commit_end_time, case when status = 'aborted' then end_time end at time zone 'UTC' as undo_end_time
from sim_internal.transactions where sim_internal.sees(user_name);

create view pg_catalog.sys_load_history as
select sim_internal.user_id(user_name) as user_id, query_id, transaction_id, session_id, '{database}'::char(128) as database_name, l.status::char(10) as status,
    table_name::char(128) as table_name, start_time at time zone 'UTC' as start_time, end_time at time zone 'UTC' as end_time,
    (extract(epoch from coalesce(end_time, clock_timestamp()) - start_time) * 1000000)::bigint as duration, data_source, file_format::char(32) as file_format, loaded_rows,
    loaded_bytes, source_file_count, source_file_bytes, file_count_scanned::int as file_count_scanned, file_bytes_scanned, error_count::int as error_count, 0::bigint as copy_job_id
from sim_internal.loads l join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

create view pg_catalog.sys_load_detail as
select sim_internal.user_id(user_name) as user_id, query_id, file_name::char(256) as file_name, bytes_scanned, lines_scanned::int as lines_scanned, 1 as splits_scanned,
    f.end_time at time zone 'UTC' as record_time, f.start_time at time zone 'UTC' as start_time, f.end_time at time zone 'UTC' as end_time
from sim_internal.load_files f join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

create view pg_catalog.sys_load_error_detail as
select sim_internal.user_id(user_name) as user_id, query_id, transaction_id, session_id, '{database}'::char(128) as database_name,
    coalesce(to_regclass(table_name)::oid::int, 0) as table_id, e.start_time at time zone 'UTC' as start_time, file_name::char(256) as file_name, line_number,
    column_name::char(127) as column_name, column_type::char(10) as column_type, column_length::char(10) as column_length, position, error_code,
    e.error_message::char(512) as error_message
from sim_internal.load_errors e join sim_internal.queries q using (query_id) where sim_internal.sees(user_name);

-- Superusers only, and no row for an empty table.
-- Counted: the server's own statistics lag behind, and for a moment count twice what was inserted just before ANALYZE.
create function sim_internal.rows_of(oid) returns bigint language plpgsql stable security definer as $$
declare
    found bigint;
begin
    if exists (select from pg_class where oid = $1 and relpersistence = 't') then
        return 0; -- another session's temporary table cannot be read
    end if;
    execute format('select count(*) from %s', $1::regclass) into found;
    return found;
end $$;

create view pg_catalog.svv_table_info as
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

create view pg_catalog.pg_table_def as
select n.nspname as schemaname, c.relname as tablename, a.attname as "column", format_type(a.atttypid, a.atttypmod) as type, 'none'::text as encoding,
    exists (select from pg_constraint k where k.conrelid = c.oid and conname = 'sim_dist KEY(' || a.attname || ')') as distkey,
    case when exists (select from pg_constraint k where k.conrelid = c.oid and conname like 'sim\_sort % ' || a.attname) then 1 else 0 end as sortkey, a.attnotnull as "notnull"
from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and pg_table_is_visible(c.oid) and n.nspname <> 'pg_catalog';

-- Users in the cluster's names.
create or replace view pg_catalog.pg_user as
select sim_internal.user_of(usename::text)::name as usename, usesysid, usecreatedb, coalesce((select u.superuser from sim_internal.users u where sim_internal.role_of(u.name) = usename), false) as usesuper,
    userepl, usebypassrls, '********'::text as passwd, valuntil, useconfig
from pg_shadow where starts_with(usename, '{prefix}');
-- A built-in function is replaced only where the planner puts our expression in its place: stable, and without a subquery.
create or replace function pg_catalog.pg_get_userbyid(oid) returns name language sql stable as $$ select replace(trim(both '"' from $1::regrole::text), '{prefix}', '')::name $$;
create or replace function pg_catalog.current_database() returns name language sql stable as $$ select '{database}'::name $$;
create or replace function pg_catalog.version() returns text language sql stable as $$
    select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.99999 (simulated)'::text $$;

create function pg_catalog.getdate() returns timestamp language sql stable as $$ select (statement_timestamp() at time zone 'UTC')::timestamp(0) $$;
create function pg_catalog.len(text) returns int language sql immutable as $$ select length($1) $$;
create function pg_catalog.charindex(text, text) returns int language sql immutable as $$ select strpos($2, $1) $$;
create function pg_catalog.trunc(timestamp) returns date language sql immutable as $$ select $1::date $$;
create function pg_catalog.nvl2(anyelement, anyelement, anyelement) returns anyelement language sql immutable as $$ select case when $1 is not null then $2 else $3 end $$;
create or replace function pg_catalog.regexp_replace(text, text, text) returns text language sql stable as $$ select regexp_replace($1, $2, $3, 'g') $$;
create function pg_catalog.strtol(text, int) returns bigint language plpgsql immutable strict as $$
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

create function sim_internal.part(text) returns text language sql immutable as $$
    select case lower($1) when 'yr' then 'year' when 'years' then 'year' when 'y' then 'year' when 'mon' then 'month' when 'months' then 'month' when 'days' then 'day'
        when 'd' then 'day' when 'hours' then 'hour' when 'hr' then 'hour' when 'h' then 'hour' when 'minutes' then 'minute' when 'min' then 'minute' when 'm' then 'minute'
        when 'seconds' then 'second' when 'sec' then 'second' when 's' then 'second' when 'weeks' then 'week' when 'w' then 'week' when 'quarters' then 'quarter' when 'qtr' then 'quarter'
        when 'ms' then 'milliseconds' when 'millisecond' then 'milliseconds' when 'us' then 'microseconds' when 'microsecond' then 'microseconds' else lower($1) end $$;
create function pg_catalog.dateadd(text, bigint, timestamp) returns timestamp language sql immutable as $$
    select $3 + case sim_internal.part($1) when 'quarter' then $2 * interval '3 months' else $2 * ('1 ' || sim_internal.part($1))::interval end $$;
create function pg_catalog.datediff(text, timestamp, timestamp) returns bigint language sql immutable as $$
    -- Redshift counts the boundaries of the part that lie between the two.
    select case sim_internal.part($1)
        when 'year' then (extract(year from $3) - extract(year from $2))::bigint
        when 'quarter' then ((extract(year from $3) - extract(year from $2)) * 4 + extract(quarter from $3) - extract(quarter from $2))::bigint
        when 'month' then ((extract(year from $3) - extract(year from $2)) * 12 + extract(month from $3) - extract(month from $2))::bigint
        when 'week' then (date_trunc('week', $3 + interval '1 day')::date - date_trunc('week', $2 + interval '1 day')::date) / 7
        when 'day' then $3::date - $2::date
        when 'milliseconds' then floor(extract(epoch from $3) * 1000)::bigint - floor(extract(epoch from $2) * 1000)::bigint
        when 'microseconds' then (extract(epoch from $3) * 1000000)::bigint - (extract(epoch from $2) * 1000000)::bigint
        else (extract(epoch from date_trunc(sim_internal.part($1), $3) - date_trunc(sim_internal.part($1), $2))
            / extract(epoch from ('1 ' || sim_internal.part($1))::interval))::bigint end $$;
create function pg_catalog.convert_timezone(text, text, timestamp) returns timestamp language sql immutable as $$ select ($3 at time zone $1) at time zone $2 $$;
create function pg_catalog.convert_timezone(text, timestamp) returns timestamp language sql immutable as $$ select ($2 at time zone 'UTC') at time zone $1 $$;
create function pg_catalog.pg_last_copy_count() returns bigint language sql stable as $$ select coalesce(nullif(current_setting('sim.last_copy_count', true), ''), '0')::bigint $$;
create function pg_catalog.pg_last_copy_id() returns int language sql stable as $$ select coalesce(nullif(current_setting('sim.last_copy_id', true), ''), '-1')::int $$;
