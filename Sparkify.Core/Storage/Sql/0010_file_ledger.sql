-- Some rejects are about a file and no record of it: they are not among the records read.
alter table rejects add column of_file boolean not null default false;

-- What each load listed of a part, and what became of the files as a whole; loads of before did not write it down.
create table load_parts (
    run            bigint  not null references runs on delete cascade,
    part           text    not null,
    files          bigint  not null,
    left_out       bigint  not null,
    left_out_words text    not null,
    may_be_missed  boolean not null,
    failed_files   bigint,
    primary key (run, part)
);
