select name as "table", rows_there as rows
from   (select 1 as place, 'staging_events' as name, count(*) as rows_there from dwh.staging_events
        union all select 2, 'staging_songs', count(*) from dwh.staging_songs
        union all select 3, 'songplays', count(*) from dwh.songplays
        union all select 4, 'users', count(*) from dwh.users
        union all select 5, 'songs', count(*) from dwh.songs
        union all select 6, 'artists', count(*) from dwh.artists
        union all select 7, 'time', count(*) from dwh.time) counted
order  by place
