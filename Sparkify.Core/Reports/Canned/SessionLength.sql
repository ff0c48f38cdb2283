-- A session is one user's: from the start of its first play to the end of its last.
with sessions as (
    select p.session_id, p.user_id, count(*) as plays,
           max(floor(date_part('epoch', p.start_time)) + coalesce(p.duration, 0))
               - floor(date_part('epoch', min(p.start_time))) as seconds
    from   songplays p
    where  p.session_id is not null and p.user_id is not null and p.start_time is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.session_id, p.user_id),
classes as (
    select plays, seconds, {length} as class
    from   sessions)
select class as length, count(*) as sessions, cast(sum(plays) as bigint) as plays
from   classes
group  by class
order  by min(seconds)
