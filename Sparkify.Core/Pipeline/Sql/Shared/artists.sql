-- One row per artist id. Where the catalogue disagrees with itself, the most complete record wins, then the lowest values.
select artist_id, name, location, latitude, longitude
from   (select artist_id, name, location, latitude, longitude, row_number() over (
                   partition by artist_id
                   order by case when name is null then 0 else 1 end + case when location is null then 0 else 1 end +
                            case when latitude is null then 0 else 1 end + case when longitude is null then 0 else 1 end desc,
                            name{bytewise}, location{bytewise}, latitude, longitude) as place
        from   (select artist_id, nullif(artist_name, '') as name, nullif(artist_location, '') as location,
                       artist_latitude as latitude, artist_longitude as longitude
                from   {song_records}
                where  artist_id <> '') named) ranked
where  place = 1
