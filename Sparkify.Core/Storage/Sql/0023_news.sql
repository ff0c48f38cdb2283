-- What changes in the store is told to the other processes on it, which show it too. Each message begins with the process that changed it.
create function tell(topic text, what text) returns void language sql as $$
    select pg_notify('sparkify', coalesce(nullif(current_setting('sparkify.process', true), ''), '-') || ' ' || topic || ' ' || what)
$$;

-- Of a row of a table: the topic, and the column that says which one.
create function tell_of() returns trigger language plpgsql as $$
begin
    perform tell(tg_argv[0], to_jsonb(coalesce(new, old)) ->> tg_argv[1]);
    return null;
end $$;
create trigger tell after insert or update on runs for each row execute function tell_of('run', 'id');
create trigger tell after insert or update on run_steps for each row execute function tell_of('run', 'run');
create trigger tell after insert or update or delete on warehouses for each row execute function tell_of('warehouse', 'name');
create trigger tell after insert or update or delete on resources for each row execute function tell_of('warehouse', 'warehouse');
create trigger tell after insert or update or delete on dashboards for each row execute function tell_of('dashboard', 'id');

-- Lines come many at a time, and are told of once.
create function tell_of_lines() returns trigger language plpgsql as $$
begin
    perform tell('log', run::text) from (select distinct run from lines) runs;
    return null;
end $$;
create trigger tell after insert on run_log referencing new table as lines for each statement execute function tell_of_lines();

-- Who asked for a run to stop: it is the process that works on it which writes that into the run's log.
alter table runs add column cancel_by text;
