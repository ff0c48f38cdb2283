-- One row per moment at which something was played. Weeks and weekdays are ISO: Monday is 1. (date_part, not extract: in PostgreSQL
-- the latter computes in numeric, at several times the cost.)
select start_time,
       cast(date_part('hour', start_time) as integer) as hour,
       cast(date_part('day', start_time) as integer) as day,
       cast(date_part('week', start_time) as integer) as week,
       cast(date_part('month', start_time) as integer) as month,
       cast(date_part('year', start_time) as integer) as year,
       (cast(date_part('dow', start_time) as integer) + 6) % 7 + 1 as weekday
from   (select distinct ts as start_time from {schema}.staging_events where page = 'NextSong' and ts is not null) moments
