with players as (
    select p.user_id, count(*) as plays
    from   songplays p
    where  p.user_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
    group  by p.user_id)
select u.gender, u.level, count(*) as users, cast(sum(players.plays) as bigint) as plays
from   players join users u on u.user_id = players.user_id
group  by u.gender, u.level
order  by u.gender, u.level
