-- What a backup says that is not so where it was restored.

-- Runs after the backup had numbers that stand in the stars of clusters, and of databases that are there still: none is given again.
select setval(pg_get_serial_sequence('runs', 'id'), (select coalesce(max(id), 0) from runs) + 100000);

-- What was at work then is not now.
with cut as (
    update runs set state = 'cancelled', finished_at = now(), cancel_asked = false, waits_for = null, revision = revision + 1,
           error = 'It was at work when the backup was made that this was restored from. Retry it, or start another.'
    where  state in ('queued', 'running') returning id)
update run_steps set state = case state when 'pending' then 'skipped' else 'cancelled' end, finished_at = now()
where  state in ('pending', 'running') and run in (select id from cut);

-- A chain would go on with its end, and tear down or pause what another installation works with.
delete from chains where state = 'running';

-- Times of schedules that have gone by are not made up for.
update schedules set since = now();
update schedule_times set outcome = 'skipped', said = 'It was open when the backup was made that this was restored from.'
where  outcome in ('due', 'waiting');

-- Whoever was to be told then is not told now.
update notice_deliveries set state = 'givenup', ended_at = now(), next_at = null, said = 'It waited when the backup was made.'
where  state = 'pending';

-- Everybody signs in again.
delete from sessions;

-- Nor are numbers of logins, which stand in the names of roles; and nobody has asked this machine for an open port.
select setval(pg_get_serial_sequence('personal_logins', 'id'), (select coalesce(max(id), 0) from personal_logins) + 100000);
delete from loopback_port;

-- The data of local warehouses is not in a backup, and a decision about it is none without it.
create temporary table lost on commit drop as
select name from warehouses
where  target = 'local' and state not in ('defined', 'removed')
  and  not exists (select from pg_database where datname = 'sparkify_' || name);
update warehouses set state = 'defined', published_at = null, published_run = null, put_back_by = null
where  name in (select name from lost);
update resources set removed_at = now() where removed_at is null and warehouse in (select name from lost);
delete from personal_logins where warehouse in (select name from lost);
delete from table_counts where warehouse in (select name from lost);
delete from play_counts where warehouse in (select name from lost);
delete from kept_stars where warehouse in (select name from lost);
update runs set state = 'discarded', answer = 'discard', answered_by = 'Sparkify', answered_at = now(), finished_at = now(),
       answer_why = 'What it had built is not in the backup that this was restored from.', revision = revision + 1
where  state = 'needsdecision' and warehouse in (select name from lost);
