-- The stars of before: whole in their warehouse, in a schema each, and seen by nobody until one is put back.
create table kept_stars (
    warehouse     text        not null references warehouses on delete cascade,
    -- The load that built it.
    run           bigint      not null,
    published_at  timestamptz not null,
    replaced_at   timestamptz not null,
    plays         bigint,
    matched_plays bigint,
    bytes         bigint,
    primary key (warehouse, run)
);

-- The star a run puts back: the load that built it.
alter table runs add column star bigint;
alter table run_requests add column star bigint;

-- The run that put back what readers see now; none when its load published it.
alter table warehouses add column put_back_by bigint;
