-- What every role may do and see in every database unless told otherwise, and a reader of one warehouse has no business doing or seeing.
-- Only a superuser can take it from everyone, and is asked to. The simulator bounds the users of its clusters by this too.
do $$
declare
    routine  regprocedure;
    relation regclass;
    seen     text;
begin
    -- Rows of the catalogue cannot be changed by two at once.
    perform pg_advisory_xact_lock(hashtext('sparkify reader bounds'));

    -- Writing large objects, changing settings within a query, ending other sessions of the role, locks, notices and the write-ahead log;
    -- and what tells of other databases, other sessions and the server.
    for routine in
        select oid::regprocedure from pg_proc
        where  pronamespace = 'pg_catalog'::regnamespace and prokind = 'f'
               and (proname like 'lo\_%' or proname like 'pg\_advisory%' or proname like 'pg\_try\_advisory%' or proname like 'pg\_stat\_get\_%'
                    or proname like 'pg\_control\_%' or proname like 'pg\_current\_wal%' or proname like 'pg\_walfile%'
                    or proname in ('lowrite', 'set_config', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_logical_emit_message',
                                   'pg_notify', 'pg_export_snapshot', 'pg_show_all_settings', 'pg_lock_status', 'pg_prepared_xact',
                                   'pg_database_size', 'pg_tablespace_size', 'pg_tablespace_databases', 'pg_get_replication_slots',
                                   'pg_blocking_pids', 'pg_describe_object', 'pg_identify_object', 'pg_identify_object_as_address'))
    loop
        execute format('revoke execute on function %s from public', routine);
    end loop;

    -- DO; the loader gets back the language that its load is written in.
    revoke usage on language plpgsql from public;
    grant usage on language plpgsql to {loader};

    -- Of the catalogue only what tells of tables, columns, types and functions of this database is left: what drivers and tools ask for.
    -- A catalogue of a later version is hidden until it is named here.
    for relation in
        select oid::regclass from pg_class
        where  relnamespace = 'pg_catalog'::regnamespace and relkind in ('r', 'v')
               and relname not in (
                   'pg_aggregate', 'pg_am', 'pg_amop', 'pg_amproc', 'pg_attrdef', 'pg_attribute', 'pg_available_extensions', 'pg_cast',
                   'pg_class', 'pg_collation', 'pg_constraint', 'pg_conversion', 'pg_cursors', 'pg_depend', 'pg_description', 'pg_enum',
                   'pg_extension', 'pg_foreign_table', 'pg_index', 'pg_indexes', 'pg_inherits', 'pg_language', 'pg_matviews',
                   'pg_namespace', 'pg_opclass', 'pg_operator', 'pg_opfamily', 'pg_partitioned_table', 'pg_prepared_statements', 'pg_proc',
                   'pg_range', 'pg_rewrite', 'pg_rules', 'pg_sequence', 'pg_sequences', 'pg_statistic_ext', 'pg_stats', 'pg_stats_ext',
                   'pg_tables', 'pg_timezone_abbrevs', 'pg_timezone_names', 'pg_trigger', 'pg_ts_config', 'pg_ts_dict', 'pg_type',
                   'pg_views')
    loop
        execute format('revoke select on %s from public', relation);
    end loop;

    -- information_schema.columns asks for the encoding of the database through this one.
    alter function information_schema._pg_char_octet_length(oid, integer) security definer;

    -- Of what is left, who may do what with it is not told.
    for relation, seen in
        select attrelid::regclass, string_agg(quote_ident(attname), ', ') filter (where attname not like '%acl')
        from   pg_attribute join pg_class c on c.oid = attrelid
        where  relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
               and relname in ('pg_attribute', 'pg_class', 'pg_language', 'pg_namespace', 'pg_proc', 'pg_type')
        group  by attrelid
    loop
        execute format('revoke select on %s from public', relation);
        execute format('grant select (%s) on %s to public', seen, relation);
    end loop;
end $$
