-- Each user once a day first; then each once a day, week, month or year.
with days as (
    select date_trunc('day', p.start_time) as day, p.user_id, count(*) as plays
    from   songplays p
    where  p.start_time is not null and p.user_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by 1, 2),
periods as (
    select {period of day} as period, user_id, sum(plays) as plays
    from   days
    group  by 1, 2)
select period, count(*) as users, cast(sum(plays) as bigint) as plays
from   periods
group  by period
order  by period
