with listeners as (
    select p.location, p.user_id, count(*) as plays
    from   songplays p
    where  (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.location, p.user_id)
select location, cast(sum(plays) as bigint) as plays, count(distinct user_id) as users
from   listeners
group  by location
order  by plays desc, location
limit  @top
