-- Every play, known to the catalogue or not. The key is 64 bits of the MD5 of what makes a play that play, so that it is the same in
-- every load and on every target. (Where we read the events ourselves, PlayEncoder makes the same rows while it has them in hand.)
select {play}
from   (select {play_events},
               round(case when abs(length) < 1e9 then length end * 100000) as duration_key,
               md5(coalesce(cast(session_id as {text}), '') || '|' || coalesce(cast(item_in_session as {text}), '') || '|' ||
                   coalesce(cast({milliseconds} as {text}), '') || '|' || coalesce(user_id, '')) as digest
        from   {event_records}
        where  page = 'NextSong') e
       left join ({catalogue}) c
       on c.title = e.song and c.artist_name = e.artist and c.duration_key = e.duration_key
