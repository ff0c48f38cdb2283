insert into dwh_build.artists
{artists};
