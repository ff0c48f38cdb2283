create table dwh_build.users as
{users};

alter table dwh_build.users add primary key (user_id);
