-- People, what they may, and where they are signed in. The first row of people turns accounts on, and none is ever removed.
create table people (
    id         bigint      generated always as identity primary key,
    name       text        not null,
    password   text,
    closed     boolean     not null default false,
    created_at timestamptz not null,
    created_by text        not null
);
create unique index people_by_name on people (lower(name));

-- A role over everything, or on one warehouse. It goes with its warehouse: another one of that name is another one.
create table grants (
    person    bigint not null references people on delete cascade,
    role      text   not null,
    warehouse text   references warehouses on delete cascade
);
create unique index grants_once on grants (person, role, coalesce(warehouse, ''));

-- The cookie holds a random number, the row its hash: who reads the store cannot sign in with it.
create table sessions (
    id      bytea       primary key,
    number  bigint      generated always as identity unique,
    person  bigint      not null references people on delete cascade,
    made_at timestamptz not null,
    seen_at timestamptz not null,
    address text        not null,
    browser text        not null
);
create index sessions_by_person on sessions (person);

-- Attempts that failed in a row, by the name that was typed, whether or not it is anybody's: nobody learns which names there are.
create table failed_sign_ins (
    name    text        primary key,
    times   integer     not null,
    last_at timestamptz not null
);

-- What was done before there were accounts was done by whoever sat at the machine. What they kept for themselves goes to the first person.
create function accounts_begin(first text) returns void language plpgsql as $$
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
end $$;

-- What programs sign in with: at most what its person may, and at most what it was made for.
create table tokens (
    id         bigint      generated always as identity primary key,
    person     bigint      not null references people on delete cascade,
    name       text        not null,
    secret     bytea       not null unique,
    role       text        not null,
    warehouses text[],
    made_at    timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz,
    revoked_at timestamptz
);
create index tokens_by_person on tokens (person);

-- The audit trail: lines are added, and taken out only when they are old; the server itself refuses everything else.
create table audit (
    id        bigint      generated always as identity primary key,
    at        timestamptz not null,
    actor     text        not null,
    address   text        not null,
    via       text        not null,
    what      text        not null,
    warehouse text,
    detail    text,
    outcome   text        not null,
    said      text
);
create function audit_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.at < now() - interval '30 days' then
        return old;
    end if;
    raise exception 'The audit trail is not changed.' using errcode = '42501';
end $$;
create trigger audit_stays before update or delete on audit for each row execute function audit_stays();
create trigger audit_stays_whole before truncate on audit for each statement execute function audit_stays();
