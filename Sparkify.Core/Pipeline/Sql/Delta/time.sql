-- The moments that are new; and those at which nothing was played after all.
drop table if exists {schema}.time, {schema}.gone_time cascade;

create temporary table event_records on commit drop as
select page, ts
from   {schema}.staging_events e
where  page = 'NextSong' and not exists (select from {published}.time t where t.start_time = e.ts);

create table {schema}.time with ({written_once}) as
{rows};

alter table {schema}.time add primary key (start_time);

create table {schema}.gone_time as select start_time from {schema}.time limit 0;

do $$
begin
    if exists (select from {schema}.gone_files) then
        insert into {schema}.gone_time
        select distinct ts
        from   {published}.staging_events g
        where  file_id in (select file_id from {schema}.gone_files) and page = 'NextSong' and ts is not null
          and  not exists (select from {schema}.staging_events e where e.page = 'NextSong' and e.ts = g.ts)
          and  not exists (select from {published}.staging_events e
                           where e.page = 'NextSong' and e.ts = g.ts and e.file_id not in (select file_id from {schema}.gone_files));
    end if;
end $$;
