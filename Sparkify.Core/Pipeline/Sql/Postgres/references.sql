-- Which table points to which, for readers and their tools. Not validated here: the checks count what would offend, for every target
-- alike, and name it.
alter table dwh_build.songs drop constraint if exists songs_artist;
alter table dwh_build.songs add constraint songs_artist foreign key (artist_id) references dwh_build.artists not valid;
alter table dwh_build.songplays
    drop constraint if exists songplays_user, drop constraint if exists songplays_song,
    drop constraint if exists songplays_artist, drop constraint if exists songplays_time;
alter table dwh_build.songplays
    add constraint songplays_user   foreign key (user_id)    references dwh_build.users   not valid,
    add constraint songplays_song   foreign key (song_id)    references dwh_build.songs   not valid,
    add constraint songplays_artist foreign key (artist_id)  references dwh_build.artists not valid,
    add constraint songplays_time   foreign key (start_time) references dwh_build.time    not valid;
