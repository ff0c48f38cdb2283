-- Plays that repeat a key are one play: the lowest values stay. Nothing enforces keys here, so all are ranked.
insert into dwh_build.songplays
select songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent, song_title,
       artist_name, duration
from   (select p.*, row_number() over (partition by songplay_id order by {songplays_winner}) as place
        from   ({songplays}) p) ranked
where  place = 1;

-- Counted from what makes a play that play and not from its hash, so that the check of the sum has something to compare.
update dwh_build.load set repeated_plays = repeated.n
from   (select coalesce(cast(sum(n - 1) as bigint), 0) as n
        from   (select count(*) as n
                from   dwh_build.staging_events
                where  page = 'NextSong'
                group  by session_id, item_in_session, ts, coalesce(user_id, '')
                having count(*) > 1) plays) repeated;
