-- Where notices go: a hook is an address that is called, with what it is called for.
create table hooks (
    name       text        not null primary key check (name ~ '^[a-z][a-z0-9-]{0,40}$'),
    -- Both encrypted, with keys that are in the data folder and not here: such an address often is a secret by itself.
    address    text        not null,
    secret     text        not null,
    -- What of the address is shown.
    host       text        not null,
    form       text        not null,
    events     text[]      not null,
    -- For all warehouses, those to come included; else for those listed below.
    every      boolean     not null,
    plain_http boolean     not null,
    made_at    timestamptz not null,
    made_by    text        not null
);

create table hook_warehouses (
    hook      text not null references hooks on delete cascade,
    warehouse text not null references warehouses on delete cascade,
    primary key (hook, warehouse)
);

-- What is to be sent, written with what it tells of. Whoever sends one moves its time on first, so that no other does meanwhile.
create table notice_deliveries (
    id       uuid        not null primary key default gen_random_uuid(),
    hook     text        not null references hooks on delete cascade,
    at       timestamptz not null,
    event    text        not null,
    -- What would be told again and again is told once for each occasion.
    occasion text,
    notice   json        not null,
    state    text        not null default 'pending',
    attempts integer     not null default 0,
    next_at  timestamptz,
    ended_at timestamptz,
    said     text
);
create index notice_deliveries_due on notice_deliveries (next_at) where state = 'pending';
create index notice_deliveries_by_hook on notice_deliveries (hook, at desc);
create unique index notice_deliveries_once on notice_deliveries (hook, occasion) where occasion is not null;

-- Whether a run failed before a retry let it go on: when it succeeds, somebody hears that it has recovered.
alter table runs add column has_failed boolean not null default false;
update runs set has_failed = true where state = 'failed';
