-- Days first: there are few of them, and longer periods are sums of days.
with days as (
    select date_trunc('day', p.start_time) as day, count(*) as plays, sum(p.duration) as seconds
    from   songplays p
    where  p.start_time is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by 1)
select {period of day} as period,
       cast(sum(plays) as bigint) as plays, cast(cast(sum(seconds) as decimal(18, 3)) as double precision) as seconds
from   days
group  by 1
order  by 1
