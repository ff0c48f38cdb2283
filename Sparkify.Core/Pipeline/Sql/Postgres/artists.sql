-- One row per artist id. Where the catalogue disagrees with itself, the most complete record wins, then the lowest values.
create table dwh_build.artists as
with named as (
    select artist_id, nullif(artist_name, '') as name, nullif(artist_location, '') as location,
           artist_latitude as latitude, artist_longitude as longitude
    from   dwh_build.staging_songs
    where  artist_id <> '')
select distinct on (artist_id) artist_id, name, location, latitude, longitude
from   named
order  by artist_id, num_nonnulls(name, location, latitude, longitude) desc,
          name collate "C", location collate "C", latitude, longitude;

alter table dwh_build.artists add primary key (artist_id);
