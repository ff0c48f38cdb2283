-- The plays behind a mark.
select p.start_time, p.user_id, u.first_name, u.last_name, p.level, p.song_title, p.artist_name, p.duration, p.song_id,
       p.session_id, p.item_in_session, p.location, p.user_agent, u.gender, u.level as level_now
from   songplays p left join users u on u.user_id = p.user_id
where  (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
       and (@level is null or p.level = @level)
