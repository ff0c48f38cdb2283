-- The objects a load on Redshift reads, as they were scanned: a cluster takes no rows from us, so the list is kept here.
-- An object that was packed with others is in packed_into from packed_line on.
create table load_files (
    run         bigint      not null references runs on delete cascade,
    file_id     integer     not null,
    part        text        not null,
    name        text        not null,
    bytes       bigint      not null,
    modified    timestamptz not null,
    tag         text,
    packed_into text,
    packed_line bigint,
    primary key (run, file_id)
);
