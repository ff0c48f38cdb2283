-- Runs are jobs of another scheduler, which keeps its tables in a schema of its own.
do $$
declare old record;
begin
    for old in select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = current_schema() and tablename like 'qrtz\_%'
    loop
        execute 'drop table ' || old.name || ' cascade';
    end loop;
end $$;

alter table runs
    -- The job that carries the run: an older one that fires late leaves the run alone.
    add column job       bigint,
    -- The application that last began it: what another version half built is begun again.
    add column build     uuid,
    -- What it waits for, while it holds no worker; none while it works.
    add column waits_for text;

create index runs_active on runs (job) where state in ('queued', 'running');
