-- Somebody's own login: what it may read, and within which limits. The limits of sessions and of temporary files it cannot set back.
grant {readers} to {person};
alter role {person} reset all;
alter role {person} connection limit {sessions};
alter role {person} set default_transaction_read_only = on;
alter role {person} set statement_timeout = {timeout};
alter role {person} set idle_in_transaction_session_timeout = {timeout};
alter role {person} set temp_file_limit = '4GB';
alter role {person} set search_path = {schema};
alter role {person} password '{password}' valid until 'infinity' login;
