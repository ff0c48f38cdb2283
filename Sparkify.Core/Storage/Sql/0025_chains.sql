-- Several runs of a warehouse, confirmed at once: which of them come next is told by the runs themselves.
create table chains (
    id          bigint      generated always as identity primary key,
    warehouse   text        not null references warehouses on delete cascade,
    -- What brings the warehouse up; none when it was up.
    opens       text,
    reports     text[]      not null,
    ends        text        not null,
    actor       text        not null,
    created_at  timestamptz not null,
    cancel_by   text,
    state       text        not null default 'running',
    said        text,
    finished_at timestamptz,
    -- Set only within the transaction that starts one of its runs: that is how it is told from a run of somebody else.
    starting    boolean     not null default false
);
-- One at work per warehouse, whoever asks and however many at once.
create unique index chains_one_running on chains (warehouse) where state = 'running';
create index chains_by_warehouse on chains (warehouse, id desc);
create trigger tell after insert or update on chains for each row execute function tell_of('chain', 'warehouse');

-- The parts of it that were refused before there was a run, and why.
create table chain_refusals (
    chain bigint not null references chains on delete cascade,
    kind  text   not null,
    said  text   not null,
    primary key (chain, kind)
);

alter table runs add column chain bigint references chains on delete set null;
create index runs_by_chain on runs (chain) where chain is not null;

create or replace function accounts_begin(first text) returns void language plpgsql as $$
declare
    place constant text := 'local administrator';
    then_ constant text := 'before accounts';
begin
    update warehouses set created_by = then_ where created_by = place;
    update runs set actor = then_ where actor = place;
    update runs set answered_by = then_ where answered_by = place;
    update chains set actor = then_ where actor = place;
    update chains set cancel_by = then_ where cancel_by = place;
    update dashboards set changed_by = then_ where changed_by = place;
    update queries set actor = then_ where actor = place;
    update saved_queries set actor = first where actor = place;
    update schedules set person = first where person = place;
end $$;
