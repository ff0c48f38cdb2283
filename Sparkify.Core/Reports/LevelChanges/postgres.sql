-- Few users change: only their plays are put in order (materialized, or the server would sort all of them first).
with changers as (
    select user_id
    from   dwh.songplays
    where  user_id is not null and start_time is not null and level is not null
    group  by user_id
    having min(level) <> max(level)),
theirs as materialized (
    select user_id, start_time, level, session_id, item_in_session, songplay_id
    from   dwh.songplays
    where  user_id in (select user_id from changers) and start_time is not null and level is not null),
ordered as (
    select user_id, start_time, level,
           lag(level) over (partition by user_id order by start_time, session_id, item_in_session, songplay_id) as level_before
    from   theirs)
select case when @per = 'week' then date_trunc('week', p.start_time) else date_trunc('day', p.start_time) end as period,
       cast(sum(case when p.level = 'paid' then 1 else 0 end) as bigint) as upgrades,
       cast(sum(case when p.level = 'free' then 1 else 0 end) as bigint) as downgrades
from   ordered p
where  p.level <> p.level_before
       and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
group  by 1
order  by 1
