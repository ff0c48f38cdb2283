with sessions as (
    select p.session_id, p.user_id, count(*) as plays
    from   songplays p
    where  p.session_id is not null and p.user_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.session_id, p.user_id),
classes as (
    select plays, {songs} as class
    from   sessions)
select class as songs, count(*) as sessions, cast(sum(plays) as bigint) as plays
from   classes
group  by class
order  by min(classes.plays)
