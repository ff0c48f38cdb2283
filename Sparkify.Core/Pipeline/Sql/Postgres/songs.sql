-- One row per song id, by the same rule as artists. Year 0 means unknown.
create table dwh_build.songs as
with known as (
    select song_id, nullif(title, '') as title, nullif(artist_id, '') as artist_id, nullif(year, 0) as year, duration
    from   dwh_build.staging_songs
    where  song_id <> '')
select distinct on (song_id) song_id, title, artist_id, year, duration
from   known
order  by song_id, num_nonnulls(title, artist_id, year, duration) desc,
          title collate "C", artist_id collate "C", year, duration;

alter table dwh_build.songs add primary key (song_id);
