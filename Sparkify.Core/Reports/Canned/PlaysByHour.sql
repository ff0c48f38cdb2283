-- Hours first: there are few of them. Weekdays are ISO: Monday is 1.
with hours as (
    select date_trunc('hour', p.start_time) as hour, count(*) as plays
    from   songplays p
    where  p.start_time is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by 1)
select cast((cast(date_part('dow', hour) as integer) + 6) % 7 + 1 as bigint) as weekday,
       cast(date_part('hour', hour) as bigint) as hour, cast(sum(plays) as bigint) as plays
from   hours
group  by 1, 2
order  by 1, 2
