-- Whose build it is, and what came of the records.
create table if not exists {schema}.load (
    run            bigint not null,
    build          varchar(32) not null,
    repeated_plays bigint not null)
diststyle all;

create table if not exists {schema}.load_counts (
    part     varchar(16) not null,
    read     bigint not null,
    staged   bigint not null,
    rejected bigint not null)
diststyle all;
