-- One row per moment at which something was played. Weeks and weekdays are ISO: Monday is 1.
create table dwh_build.time as
with moments as (
    select distinct ts as start_time from dwh_build.staging_events where page = 'NextSong' and ts is not null)
select start_time,
       extract(hour   from start_time)::integer as hour,
       extract(day    from start_time)::integer as day,
       extract(week   from start_time)::integer as week,
       extract(month  from start_time)::integer as month,
       extract(year   from start_time)::integer as year,
       extract(isodow from start_time)::integer as weekday
from   moments;

alter table dwh_build.time add primary key (start_time);
