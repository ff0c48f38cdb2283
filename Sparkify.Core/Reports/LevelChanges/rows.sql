-- The first plays on another level.
with changers as (
    select user_id
    from   dwh.songplays
    where  user_id is not null and start_time is not null and level is not null
    group  by user_id
    having min(level) <> max(level)),
ordered as (
    select p.user_id, p.start_time, p.level,
           lag(p.level) over (partition by p.user_id order by p.start_time, p.session_id, p.item_in_session, p.songplay_id) as level_before
    from   dwh.songplays p join changers on changers.user_id = p.user_id
    where  p.start_time is not null and p.level is not null)
select p.start_time, p.user_id, u.first_name, u.last_name, p.level_before, p.level
from   ordered p left join dwh.users u on u.user_id = p.user_id
where  p.level <> p.level_before
       and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
