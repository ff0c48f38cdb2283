-- Ways into AWS that warehouses name. A key's secret is encrypted, with keys that are in the data folder and not here.
create table aws_connections (
    name        text        not null primary key check (name ~ '^[a-z][a-z0-9-]{0,40}$'),
    kind        text        not null,
    profile     text,
    role        text,
    external_id text,
    base        text        references aws_connections,
    access_key  text,
    secret      text,
    region      text,
    -- Who AWS said it is, and when.
    account     text        not null,
    arn         text        not null,
    tested_at   timestamptz not null,
    made_at     timestamptz not null,
    made_by     text        not null
);

-- What a warehouse names it does in its source and its cluster's settings; from here the server sees to it that there is one.
alter table warehouses
    add column connection text generated always as (coalesce(redshift ->> 'Connection', source ->> 'Connection')) stored
        references aws_connections;
create index warehouses_by_connection on warehouses (connection);

-- Which of their passwords the roles of a warehouse have, and which they are to get with the next provisioning: both are computed.
alter table warehouses
    add column passwords        integer not null default 0,
    add column passwords_wanted integer not null default 0;
