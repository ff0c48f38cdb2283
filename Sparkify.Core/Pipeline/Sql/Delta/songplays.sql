-- The plays that the new files add or change, in the place of those with their keys; and the keys of plays that are gone.
drop table if exists {schema}.songplays, {schema}.gone_songplays cascade;
{song_view}
-- The sessions whose old plays are made anew, since some of their events are in files that were changed. A play's key is made of its session,
-- so no other session can have a play of that key.
create temporary table touched on commit drop as
select distinct coalesce(session_id, -1) as session_id
from   {published}.staging_events
where  file_id in (select file_id from {schema}.gone_files) and page = 'NextSong';

analyze touched;

create temporary table event_records on commit drop as
select {event_columns} from {schema}.staging_events where page = 'NextSong';

do $$
begin
    if exists (select from touched) then
        insert into event_records
        select {event_columns}
        from   {published}.staging_events
        where  page = 'NextSong' and file_id not in (select file_id from {schema}.gone_files)
          and  coalesce(session_id, -1) in (select session_id from touched);
    end if;
end $$;

analyze event_records;

create temporary table candidates on commit drop as
{rows};

analyze candidates;

-- The play that has a key now may have it with better right than a new one.
insert into candidates
select {columns}
from   {published}.songplays
where  songplay_id in (select songplay_id from candidates)
  and  coalesce(session_id, -1) not in (select session_id from touched);

create table {schema}.songplays with ({written_once}) as
select {columns}
from   (select c.*, row_number() over (partition by songplay_id order by {songplays_winner}) as place from candidates c) ranked
where  place = 1;

alter table {schema}.songplays add primary key (songplay_id);

create table {schema}.gone_songplays as select songplay_id from {schema}.songplays limit 0;

do $$
declare
    repeated bigint := (select count(*) from candidates) - (select count(*) from {schema}.songplays);
begin
    if exists (select from touched) then
        insert into {schema}.gone_songplays
        select songplay_id
        from   {published}.songplays p
        where  coalesce(session_id, -1) in (select session_id from touched)
          and  not exists (select from {schema}.songplays n where n.songplay_id = p.songplay_id);

        repeated := repeated
            - (select count(*) from {published}.staging_events
               where page = 'NextSong' and coalesce(session_id, -1) in (select session_id from touched))
            + (select count(*) from {published}.songplays where coalesce(session_id, -1) in (select session_id from touched));
    end if;

    update {schema}.load set repeated_plays = (select max(repeated_plays) from {published}.load) + repeated;
end $$;

-- Songs that came or went may give or take old plays their song.
create temporary table titles on commit drop as
select title from {schema}.staging_songs
union
select title from {published}.staging_songs where file_id in (select file_id from {schema}.gone_files);

analyze titles;

do $$
begin
    if exists (select from titles) then
        create temporary table catalogue on commit drop as
        select * from ({catalogue}) c where title in (select title from titles);

        analyze catalogue;

        -- Those that were made anew have theirs of before, where they are old.
        create temporary table matched on commit drop as
        select p.songplay_id, c.song_id, c.artist_id, p.is_new
        from   (select songplay_id, song_title, artist_name, duration, song_id, artist_id, true as is_new
                from   {schema}.songplays
                where  song_title in (select title from titles)
                union all
                select songplay_id, song_title, artist_name, duration, song_id, artist_id, false
                from   {published}.songplays o
                where  song_title in (select title from titles)
                  and  not exists (select from {schema}.songplays n where n.songplay_id = o.songplay_id)
                  and  not exists (select from {schema}.gone_songplays g where g.songplay_id = o.songplay_id)) p
               left join catalogue c
               on c.title = p.song_title and c.artist_name = p.artist_name
                  and c.duration_key = round(case when abs(p.duration) < 1e9 then p.duration end * 100000)
        where  (c.song_id, c.artist_id) is distinct from (p.song_id, p.artist_id);

        insert into {schema}.songplays
        select {columns} from {published}.songplays where songplay_id in (select songplay_id from matched where not is_new);

        update {schema}.songplays p
        set    song_id = m.song_id, artist_id = m.artist_id
        from   matched m
        where  m.songplay_id = p.songplay_id;
    end if;
end $$;

drop view song_records;
