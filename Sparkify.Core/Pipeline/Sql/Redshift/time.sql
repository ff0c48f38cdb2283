insert into dwh_build.time
{time};
