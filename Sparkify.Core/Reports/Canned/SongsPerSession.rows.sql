-- The plays of the sessions in one class.
with sessions as (
    select p.session_id, p.user_id, count(*) as plays
    from   songplays p
    where  p.session_id is not null and p.user_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.session_id, p.user_id)
select p.start_time, p.user_id, u.first_name, u.last_name, p.level, p.song_title, p.artist_name, p.duration, p.song_id,
       p.session_id, p.item_in_session, p.location, p.user_agent, {songs} as songs
from   sessions
       join songplays p on p.session_id = sessions.session_id and p.user_id = sessions.user_id
       left join users u on u.user_id = p.user_id
where  (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
       and (@level is null or p.level = @level)
