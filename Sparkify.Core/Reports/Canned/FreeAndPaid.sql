with days as (
    select date_trunc('day', p.start_time) as day, p.level, count(*) as plays
    from   songplays p
    where  p.start_time is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
    group  by 1, 2)
select {period of day} as period,
       cast(sum(case when level = 'free' then plays else 0 end) as bigint) as free,
       cast(sum(case when level = 'paid' then plays else 0 end) as bigint) as paid
from   days
group  by 1
order  by 1
