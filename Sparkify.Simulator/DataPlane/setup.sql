-- A cluster's database as it begins: who owns it, and what is kept of its users and statements.
grant all on schema public to public;
alter schema public owner to "{master}";

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
