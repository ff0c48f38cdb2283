-- One row per song id, by the same rule as artists. Year 0 means unknown.
select song_id, title, artist_id, year, duration
from   (select song_id, title, artist_id, year, duration, row_number() over (
                   partition by song_id
                   order by case when title is null then 0 else 1 end + case when artist_id is null then 0 else 1 end +
                            case when year is null then 0 else 1 end + case when duration is null then 0 else 1 end desc,
                            title{bytewise}, artist_id{bytewise}, year, duration) as place
        from   (select song_id, nullif(title, '') as title, nullif(artist_id, '') as artist_id, nullif(year, 0) as year, duration
                from   {song_records}
                where  song_id <> '') known) ranked
where  place = 1
