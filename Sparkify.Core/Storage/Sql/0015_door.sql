-- Who signs in elsewhere: the provider that vouches for them, and what it calls them for good. They have no password here.
alter table people
    add column issuer  text,
    add column subject text,
    add constraint people_vouched check ((issuer is null) = (subject is null) and (issuer is null or password is null));
create unique index people_by_subject on people (issuer, subject);

-- Attempts that failed in a row, by the name that was typed and by where it was typed: at one address, in one browser that
-- somebody signed in from before, or anywhere.
drop table failed_sign_ins;
create table failed_sign_ins (
    name    text        not null,
    place   text        not null,
    times   integer     not null,
    last_at timestamptz not null,
    primary key (name, place)
);
create index failed_sign_ins_by_age on failed_sign_ins (last_at);

-- The browsers somebody signed in from: each holds a random number, the row its hash.
create table browsers (
    id      bytea       not null,
    person  bigint      not null references people on delete cascade,
    seen_at timestamptz not null,
    primary key (id, person)
);
