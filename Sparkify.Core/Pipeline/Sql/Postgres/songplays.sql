-- Every play is a row, known to the catalogue or not. The key is 64 bits of the MD5 of what makes a play that play, so that it is the
-- same in every load and on every target. Title, artist and duration (to 5 decimals) find the song; of several that fit, the lowest id.
-- A duration beyond any song's matches nothing (and would not fit after the multiplication).
create table dwh_build.songplays as
with catalogue as (
    select distinct on (title, artist_name, round(duration * 100000))
           title, artist_name, round(duration * 100000) as duration_key, song_id, artist_id
    from   dwh_build.staging_songs
    where  song_id <> '' and artist_id <> '' and abs(duration) < 1e9
    order  by title, artist_name, round(duration * 100000), song_id collate "C", artist_id collate "C")
select ('x' || left(md5(
           coalesce(e.session_id::text, '') || '|' || coalesce(e.item_in_session::text, '') || '|' ||
           coalesce((date_part('epoch', e.ts) * 1000)::bigint::text, '') || '|' || coalesce(e.user_id, '')), 16))::bit(64)::bigint as songplay_id,
       e.ts as start_time, nullif(e.user_id, '') as user_id, e.level, c.song_id, c.artist_id, e.session_id, e.item_in_session,
       nullif(e.location, '') as location, e.user_agent, e.song as song_title, e.artist as artist_name, e.length as duration
from   dwh_build.staging_events e
       left join catalogue c on c.title = e.song and c.artist_name = e.artist and c.duration_key = round(case when abs(e.length) < 1e9 then e.length end * 100000)
where  e.page = 'NextSong';

update dwh_build.load set repeated_plays = 0;

-- Plays that repeat a key are one play. Almost no source has any, so the key itself looks for them, and only if it finds some are they
-- ranked: the lowest values stay.
do $$
declare
    repeated bigint := 0;
begin
    alter table dwh_build.songplays add primary key (songplay_id);
exception when unique_violation then
    delete from dwh_build.songplays p
    using (select ctid, row_number() over (
                      partition by songplay_id
                      order by song_title collate "C", artist_name collate "C", duration, level collate "C", location collate "C",
                               user_agent collate "C", ctid) as place
           from   dwh_build.songplays
           where  songplay_id in (select songplay_id from dwh_build.songplays group by songplay_id having count(*) > 1)) ranked
    where  p.ctid = ranked.ctid and ranked.place > 1;
    get diagnostics repeated = row_count;
    update dwh_build.load set repeated_plays = repeated;
    alter table dwh_build.songplays add primary key (songplay_id);
end $$;

-- Reports group by day and by hour. Without these the server takes every moment for a group of its own and does not share the work
-- among its cores; with them, the analysis that follows counts the days and hours of its sample.
create statistics dwh_build.songplays_days on (date_trunc('day', start_time)) from dwh_build.songplays;
create statistics dwh_build.songplays_hours on (date_trunc('hour', start_time)) from dwh_build.songplays;
