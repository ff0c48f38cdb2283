-- When runs happen by themselves. The job queue's own plan follows this table.
create table schedules (
    id        bigint      generated always as identity primary key,
    warehouse text        not null references warehouses on delete cascade,
    name      text        not null,
    kind      text        not null,
    cron      text        not null,
    zone      text        not null,
    misfire   text        not null,
    overlap   text        not null,
    paused    boolean     not null default false,
    -- Who made, changed or resumed it last: whose right to start runs is asked for at each time.
    person    text        not null,
    set_at    timestamptz not null,
    -- Times after this one are still to come.
    since     timestamptz not null
);
create unique index schedules_by_name on schedules (warehouse, lower(name));

-- The times that have come. One is there once, however often its wake-up is delivered, and gets one run: it is marked in the transaction
-- that starts it.
create table schedule_times (
    schedule bigint      not null references schedules on delete cascade,
    due      timestamptz not null,
    outcome  text        not null,
    said     text,
    run      bigint      references runs on delete set null,
    primary key (schedule, due)
);
create index schedule_times_by_run on schedule_times (run);
-- Few are ever open; the end of each run looks for them.
create index schedule_times_open on schedule_times (due) where outcome in ('due', 'waiting');

alter table warehouses
    -- How old the newest event and the last load may be, in hours; 0 is any age.
    add column newest_event_hours integer not null default 0 check (newest_event_hours between 0 and 87600),
    add column last_load_hours    integer not null default 0 check (last_load_hours between 0 and 87600);

-- Of the published star; unknown for one that was published before.
alter table play_counts add column newest_event timestamptz;

-- Schedules that whoever sat at the machine made go to the first person, as what they kept for themselves does.
create or replace function accounts_begin(first text) returns void language plpgsql as $$
declare
    place constant text := 'local administrator';
    then_ constant text := 'before accounts';
begin
    update warehouses set created_by = then_ where created_by = place;
    update runs set actor = then_ where actor = place;
    update runs set answered_by = then_ where answered_by = place;
    update dashboards set changed_by = then_ where changed_by = place;
    update queries set actor = then_ where actor = place;
    update saved_queries set actor = first where actor = place;
    update schedules set person = first where person = place;
end $$;
