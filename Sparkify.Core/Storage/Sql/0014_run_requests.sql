-- What callers call their requests for runs: one that is asked again is answered with the run it started. Its run stands in the row when
-- the transaction ends; until then the row keeps others of its name waiting.
create table run_requests (
    actor     text        not null,
    key       text        not null,
    warehouse text        not null,
    kind      text        not null,
    next_kind text,
    at        timestamptz not null,
    run       bigint      references runs on delete cascade,
    primary key (actor, key)
);
create index run_requests_by_run on run_requests (run);
