-- Logins of people into warehouses' databases; their passwords are kept nowhere. What is begun is written down first: one that is "making"
-- when nobody is at it any more is taken back, and one that is "ending" is tried again until it is gone.
create table personal_logins (
    id          bigint      generated always as identity primary key,
    warehouse   text        not null references warehouses on delete cascade,
    person      text        not null,
    role        text        not null unique,
    state       text        not null,
    made_at     timestamptz not null,
    replaced_at timestamptz,
    said        text
);
create unique index personal_logins_once on personal_logins (warehouse, lower(person)) where state <> 'ending';

-- The port of this machine that leads to the embedded server, while it is to be open.
create table loopback_port (
    one       boolean     primary key default true check (one),
    port      integer     not null,
    opened_at timestamptz not null,
    opened_by text        not null
);
