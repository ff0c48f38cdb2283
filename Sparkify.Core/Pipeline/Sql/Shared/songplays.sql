-- Every play, known to the catalogue or not. The key is 64 bits of the MD5 of what makes a play that play, so that it is the same in
-- every load and on every target. Title, artist and duration (to 5 decimals) find the song; of several that fit, the lowest id.
-- A duration beyond any song's matches nothing (and would not fit after the multiplication).
select {digest_as_key} as songplay_id,
       e.ts as start_time, nullif(e.user_id, '') as user_id, e.level, c.song_id, c.artist_id, e.session_id, e.item_in_session,
       nullif(e.location, '') as location, e.user_agent, e.song as song_title, e.artist as artist_name, e.length as duration
from   (select ts, user_id, level, session_id, item_in_session, location, user_agent, song, artist, length,
               round(case when abs(length) < 1e9 then length end * 100000) as duration_key,
               md5(coalesce(cast(session_id as {text}), '') || '|' || coalesce(cast(item_in_session as {text}), '') || '|' ||
                   coalesce(cast({milliseconds} as {text}), '') || '|' || coalesce(user_id, '')) as digest
        from   {schema}.staging_events
        where  page = 'NextSong') e
       left join (select title, artist_name, duration_key, song_id, artist_id
                  from   (select title, artist_name, round(duration * 100000) as duration_key, song_id, artist_id, row_number() over (
                                     partition by title, artist_name, round(duration * 100000)
                                     order by song_id{bytewise}, artist_id{bytewise}) as place
                          from   {schema}.staging_songs
                          where  song_id <> '' and artist_id <> '' and abs(duration) < 1e9) ranked
                  where  place = 1) c
       on c.title = e.song and c.artist_name = e.artist and c.duration_key = e.duration_key
