-- The users of whom the new files tell, and all that can decide what is said of them: of the events of before those that could, unless some
-- of these are in files that were changed.
drop table if exists {schema}.latest_events;

create temporary table affected on commit drop as
select user_id from {schema}.staging_events where user_id <> ''
union
select user_id from {published}.staging_events where user_id <> '' and file_id in (select file_id from {schema}.gone_files);

analyze affected;

create temporary table event_records on commit drop as
select {event_columns} from {schema}.staging_events where user_id <> '';

do $$
begin
    if exists (select from {schema}.gone_files) then
        insert into event_records
        select {event_columns}
        from   {published}.staging_events
        where  user_id in (select user_id from affected) and file_id not in (select file_id from {schema}.gone_files);
    else
        insert into event_records ({latest_columns})
        select {latest_columns} from {published}.latest_events where user_id in (select user_id from affected);
    end if;
end $$;

analyze event_records;

create temporary table known_users on commit drop as
{known_users};

analyze known_users;

create table {schema}.latest_events with ({written_once}) as
{latest_events};
