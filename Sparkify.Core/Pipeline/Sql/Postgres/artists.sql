create table dwh_build.artists as
{artists};

alter table dwh_build.artists add primary key (artist_id);
