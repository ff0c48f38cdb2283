-- The users of whom the new files tell, made anew of all that is known of them; and those who have played nothing after all.
drop table if exists {schema}.users, {schema}.gone_users cascade;

create temporary table affected on commit drop as
select user_id from {schema}.staging_events where user_id <> ''
union
select user_id from {published}.staging_events where user_id <> '' and file_id in (select file_id from {schema}.gone_files);

analyze affected;

create temporary table event_records on commit drop as
select {event_columns} from {schema}.staging_events where user_id <> '';

insert into event_records
select {event_columns}
from   {published}.staging_events
where  user_id in (select user_id from affected) and file_id not in (select file_id from {schema}.gone_files);

analyze event_records;

create temporary table known_users on commit drop as
{known_users};

analyze known_users;

create table {schema}.users with ({written_once}) as
{rows};

alter table {schema}.users add primary key (user_id);

create table {schema}.gone_users as
select user_id
from   {published}.users p
where  user_id in (select user_id from affected) and not exists (select from {schema}.users n where n.user_id = p.user_id);
