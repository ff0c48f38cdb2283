with days as (
    select date_trunc('day', p.start_time) as day, count(*) as plays, count(p.song_id) as matched
    from   songplays p
    where  p.start_time is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by 1)
select {period of day} as period, cast(sum(plays) as bigint) as plays,
       cast(sum(matched) as bigint) as matched, cast(sum(matched) as double precision) / sum(plays) as share
from   days
group  by 1
order  by 1
