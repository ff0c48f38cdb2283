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
    add column new_files bigint,
    -- By what rules it reads its source: a star is not added to by others.
    add column rules text;
alter table run_requests add column mode text;
alter table load_files
    -- The star it adds to has the file: a load of before has read it.
    add column carried boolean not null default false,
    -- It was in the source; otherwise it is only in the star.
    add column listed  boolean not null default true;

-- The loads whose records are in the star of a load: that one, the one whose star it adds to, and so on.
create function loads_of_star(star bigint) returns setof bigint language sql stable as $$
    with recursive loads as (
        select star as run union all select r.base from runs r join loads on r.id = loads.run where r.base is not null)
    select run from loads
$$;
