-- Whether loads read all of a source, or only what is new in it since the star that readers see.
alter table warehouses
    add column load_mode  text not null default 'full',
    -- When a load last found that nothing was new, since the star that readers see was published.
    add column unchanged_at timestamptz;
alter table runs
    add column mode text,
    -- The load whose star this one adds to; none when it builds a star of its own.
    add column base bigint,
    -- How many files it adds.
    add column new_files bigint;
alter table run_requests add column mode text;
-- Files that the star had already which a load added to: they were read by a load of before.
alter table load_files add column carried boolean not null default false;
