create table dwh_build.songs as
{songs};

alter table dwh_build.songs add primary key (song_id);
