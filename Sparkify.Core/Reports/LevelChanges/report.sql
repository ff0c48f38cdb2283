-- Few users change: only their plays are put in order.
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
select case when @per = 'week' then date_trunc('week', p.start_time) else date_trunc('day', p.start_time) end as period,
       cast(sum(case when p.level = 'paid' then 1 else 0 end) as bigint) as upgrades,
       cast(sum(case when p.level = 'free' then 1 else 0 end) as bigint) as downgrades
from   ordered p
where  p.level <> p.level_before
       and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
group  by 1
order  by 1
