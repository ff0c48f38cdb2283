-- There are few user agents: count them first, then read them.
with agents as (
    select p.user_agent, count(*) as plays
    from   songplays p
    where  (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.user_agent),
families as (
    select {browser} as browser, plays
    from   agents)
select browser, cast(sum(plays) as bigint) as plays, cast(sum(plays) as double precision) / sum(sum(plays)) over () as share
from   families
group  by browser
order  by plays desc, browser
