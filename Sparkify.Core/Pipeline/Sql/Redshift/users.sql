insert into dwh_build.users
{users};
