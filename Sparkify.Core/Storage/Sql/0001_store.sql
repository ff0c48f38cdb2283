-- What Sparkify remembers: warehouses, what they own, runs with their steps and logs, rejects and checks.
-- The scheduler's own tables (qrtz_*) are made by the scheduler.

create table store (
    id         uuid        not null default gen_random_uuid(),
    created_at timestamptz not null default now(),
    -- Set once the first start has made its sample, so that a deleted sample stays deleted.
    sampled    boolean     not null default false,
    only_row   boolean     not null primary key default true check (only_row)
);
insert into store default values;

create table warehouses (
    name          text        not null primary key check (name ~ '^[a-z][a-z0-9-]{0,40}$'),
    target        text        not null,
    source        json        not null,
    max_rejects   integer     not null check (max_rejects between 0 and 100000),
    state         text        not null default 'defined',
    created_at    timestamptz not null,
    created_by    text        not null,
    published_at  timestamptz,
    published_run bigint
);

-- The journal: a row stands here before its resource is created, and until it was seen to be gone.
create table resources (
    id           bigint      generated always as identity primary key,
    warehouse    text        not null references warehouses on delete cascade,
    kind         text        not null,
    name         text        not null,
    journaled_at timestamptz not null,
    removed_at   timestamptz
);
create unique index resources_live on resources (warehouse, kind, name) where removed_at is null;

create table runs (
    id           bigint      generated always as identity primary key,
    warehouse    text        not null references warehouses on delete cascade,
    kind         text        not null,
    next_kind    text,
    state        text        not null default 'queued',
    error        text,
    actor        text        not null,
    created_at   timestamptz not null,
    started_at   timestamptz,
    finished_at  timestamptz,
    cancel_asked boolean     not null default false,
    starts       integer     not null default 0,
    revision     bigint      not null default 1
);
-- One active run per warehouse, whoever asks and however many at once.
create unique index runs_one_active on runs (warehouse) where state in ('queued', 'running');
create index runs_by_warehouse on runs (warehouse, id desc);

-- The ledger: one row per attempt at a step.
create table run_steps (
    run          bigint      not null references runs on delete cascade,
    ordinal      integer     not null,
    attempt      integer     not null default 1,
    name         text        not null,
    title        text        not null,
    state        text        not null default 'pending',
    rows         bigint,
    bytes        bigint,
    files        bigint,
    total_bytes  bigint,
    total_files  bigint,
    rejects      bigint,
    share        double precision,
    row_rate     double precision,
    started_at   timestamptz,
    finished_at  timestamptz,
    message      text,
    primary key (run, ordinal, attempt)
);

create table run_log (
    run      bigint      not null references runs on delete cascade,
    sequence integer     not null,
    at       timestamptz not null,
    level    text        not null,
    step     text,
    attempt  integer,
    message  text        not null,
    primary key (run, sequence)
);

create table rejects (
    run    bigint not null references runs on delete cascade,
    id     bigint generated always as identity,
    part   text   not null,
    file   text   not null,
    line   bigint not null,
    offs   bigint not null,
    col    text,
    reason text   not null,
    raw    text   not null,
    primary key (run, id)
);

create table checks (
    run      bigint  not null references runs on delete cascade,
    ordinal  integer not null,
    name     text    not null,
    question text    not null,
    passed   boolean not null,
    found    bigint  not null,
    primary key (run, ordinal)
);

-- Counts of the published star, written with the publish.
create table table_counts (
    warehouse  text   not null references warehouses on delete cascade,
    table_name text   not null,
    row_count  bigint not null,
    byte_count bigint,
    primary key (warehouse, table_name)
);

create table play_counts (
    warehouse      text   not null primary key references warehouses on delete cascade,
    events_read    bigint not null,
    events_staged  bigint not null,
    other_pages    bigint not null,
    repeated_plays bigint not null,
    plays          bigint not null,
    matched_plays  bigint not null
);
