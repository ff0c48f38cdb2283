with sessions as (
    select p.user_id, p.session_id, count(*) as plays, sum(p.duration) as seconds
    from   songplays p
    where  p.user_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.user_id, p.session_id),
most as (
    select user_id, cast(sum(plays) as bigint) as plays, count(session_id) as sessions, sum(seconds) as seconds
    from   sessions
    group  by user_id
    order  by plays desc, user_id
    limit  @top)
select most.user_id, u.first_name, u.last_name, u.level, most.plays, most.sessions, cast(cast(most.seconds as decimal(18, 3)) as double precision) as seconds
from   most left join users u on u.user_id = most.user_id
order  by most.plays desc, most.user_id
