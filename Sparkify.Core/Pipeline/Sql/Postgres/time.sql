-- One row per moment at which something was played. Weeks and weekdays are ISO: Monday is 1. (date_part, not
-- extract: since PostgreSQL 14 the latter computes in numeric, at several times the cost.)
-- Almost every moment is distinct, and then sorting (in parallel) beats hashing (in one process).
set local enable_hashagg = off;

create table dwh_build.time as
with moments as (
    select distinct ts as start_time from dwh_build.staging_events where page = 'NextSong' and ts is not null)
select start_time,
       date_part('hour', start_time)::integer as hour,
       date_part('day', start_time)::integer as day,
       date_part('week', start_time)::integer as week,
       date_part('month', start_time)::integer as month,
       date_part('year', start_time)::integer as year,
       date_part('isodow', start_time)::integer as weekday
from   moments;

alter table dwh_build.time add primary key (start_time);
