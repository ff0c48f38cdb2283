-- Declared for the planner and for readers' tools: Redshift enforces none of them. The rows are made unique before they come here and
-- the checks count what would offend, because a wrong key misleads the planner.
alter table dwh.artists add constraint artists_key primary key (artist_id);
alter table dwh.songs add constraint songs_key primary key (song_id);
alter table dwh.users add constraint users_key primary key (user_id);
alter table dwh.time add constraint time_key primary key (start_time);
alter table dwh.songplays add constraint songplays_key primary key (songplay_id);
alter table dwh.songs add constraint songs_artist foreign key (artist_id) references dwh.artists (artist_id);
alter table dwh.songplays add constraint songplays_user foreign key (user_id) references dwh.users (user_id);
alter table dwh.songplays add constraint songplays_song foreign key (song_id) references dwh.songs (song_id);
alter table dwh.songplays add constraint songplays_artist foreign key (artist_id) references dwh.artists (artist_id);
alter table dwh.songplays add constraint songplays_time foreign key (start_time) references dwh.time (start_time);
