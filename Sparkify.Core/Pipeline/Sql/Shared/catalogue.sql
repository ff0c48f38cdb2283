-- What a play is found by: title, artist and duration (to 5 decimals); of several songs that fit, the lowest id.
-- A duration beyond any song's matches nothing (and would not fit after the multiplication).
select title, artist_name, duration_key, song_id, artist_id
from   (select title, artist_name, round(duration * 100000) as duration_key, song_id, artist_id, row_number() over (
                   partition by title, artist_name, round(duration * 100000)
                   order by song_id{bytewise}, artist_id{bytewise}) as place
        from   {song_records}
        where  song_id <> '' and artist_id <> '' and abs(duration) < 1e9) ranked
where  place = 1
