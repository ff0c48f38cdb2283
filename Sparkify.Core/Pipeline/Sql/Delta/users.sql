-- The users of whom the new files tell, made anew; and those who have played nothing after all.
drop table if exists {schema}.users, {schema}.gone_users, {schema}.gone_latest_events cascade;

create table {schema}.users with ({written_once}) as
{rows};

alter table {schema}.users add primary key (user_id);

create table {schema}.gone_users as
select user_id
from   {published}.users p
where  user_id in (select user_id from affected) and not exists (select from {schema}.users n where n.user_id = p.user_id);

create table {schema}.gone_latest_events as select user_id from affected;
