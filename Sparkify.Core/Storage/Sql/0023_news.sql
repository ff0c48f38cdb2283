-- What changes in the store is told to the other processes on it, which show it too. Each message begins with the process that changed it.
create function tell(topic text, what text) returns void language sql as $$
    select pg_notify('sparkify', coalesce(nullif(current_setting('sparkify.process', true), ''), '-') || ' ' || topic || ' ' || what)
$$;

create function tell_of_run() returns trigger language plpgsql as $$
begin
    perform tell('run', new.id::text);
    return null;
end $$;
create trigger tell after insert or update on runs for each row execute function tell_of_run();

create function tell_of_step() returns trigger language plpgsql as $$
begin
    perform tell('run', new.run::text);
    return null;
end $$;
create trigger tell after insert or update on run_steps for each row execute function tell_of_step();

create function tell_of_lines() returns trigger language plpgsql as $$
begin
    perform tell('log', run::text) from (select distinct run from lines) runs;
    return null;
end $$;
create trigger tell after insert on run_log referencing new table as lines for each statement execute function tell_of_lines();

create function tell_of_warehouse() returns trigger language plpgsql as $$
begin
    perform tell('warehouse', coalesce(new.name, old.name));
    return null;
end $$;
create trigger tell after insert or update or delete on warehouses for each row execute function tell_of_warehouse();

create function tell_of_resource() returns trigger language plpgsql as $$
begin
    perform tell('warehouse', coalesce(new.warehouse, old.warehouse));
    return null;
end $$;
create trigger tell after insert or update or delete on resources for each row execute function tell_of_resource();

create function tell_of_dashboard() returns trigger language plpgsql as $$
begin
    perform tell('dashboard', coalesce(new.id, old.id));
    return null;
end $$;
create trigger tell after insert or update or delete on dashboards for each row execute function tell_of_dashboard();

-- Who asked for a run to stop: it is the process that works on it which writes that into the run's log.
alter table runs add column cancel_by text;
