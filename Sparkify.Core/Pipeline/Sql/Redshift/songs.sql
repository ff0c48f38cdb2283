insert into dwh_build.songs
{songs};
