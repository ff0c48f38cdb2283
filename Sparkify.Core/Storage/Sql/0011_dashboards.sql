-- Dashboards: reports arranged under one set of filters. Home's is always there, and nobody made it.
create table dashboards (
    id         text        primary key,
    name       text        not null,
    tiles      jsonb       not null default '[]',
    version    integer     not null default 1,
    changed_at timestamptz not null default now(),
    changed_by text
);
create unique index dashboards_by_name on dashboards (lower(name));
insert into dashboards (id, name) values ('home', 'Home');
