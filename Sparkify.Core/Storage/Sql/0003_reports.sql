-- Ad-hoc queries: what each person ran, and what each keeps.

create table queries (
    id         bigint      generated always as identity primary key,
    warehouse  text        not null references warehouses on delete cascade,
    actor      text        not null,
    sql        text        not null,
    state      text        not null default 'running',
    started_at timestamptz not null,
    took_ms    double precision,
    row_count  bigint,
    error      text
);
create index queries_by_actor on queries (actor, id desc);
create index queries_by_warehouse on queries (warehouse, actor, id desc);

create table saved_queries (
    id         bigint      generated always as identity primary key,
    actor      text        not null,
    name       text        not null,
    sql        text        not null,
    changed_at timestamptz not null,
    unique (actor, name)
);
