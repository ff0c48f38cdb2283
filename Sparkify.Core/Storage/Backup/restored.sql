-- What a backup says that is not so where it was restored.

-- What was at work then is not now.
update runs set state = 'cancelled', finished_at = now(), cancel_asked = false, waits_for = null, revision = revision + 1,
       error = 'It was at work when the backup was made that this was restored from. Retry it, or start another.'
where  state in ('queued', 'running');
update run_steps set state = 'cancelled', finished_at = now()
where  state in ('pending', 'running') and run in (select id from runs where state = 'cancelled');

-- Whoever was to be told then is not told now.
update notice_deliveries set state = 'givenup', ended_at = now(), next_at = null, said = 'It waited when the backup was made.'
where  state = 'pending';

-- Everybody signs in again.
delete from sessions;

-- The data of local warehouses is not in a backup, and a decision about it is none without it.
create temporary table lost on commit drop as
select name from warehouses
where  target = 'local' and state not in ('defined', 'removed')
  and  not exists (select from pg_database where datname = 'sparkify_' || name);
update warehouses set state = 'defined', published_at = null, published_run = null, put_back_by = null
where  name in (select name from lost);
update resources set removed_at = now() where removed_at is null and warehouse in (select name from lost);
delete from table_counts where warehouse in (select name from lost);
delete from play_counts where warehouse in (select name from lost);
delete from kept_stars where warehouse in (select name from lost);
update runs set state = 'discarded', answer = 'discard', answered_by = 'Sparkify', answered_at = now(), finished_at = now(),
       answer_why = 'What it had built is not in the backup that this was restored from.', revision = revision + 1
where  state = 'needsdecision' and warehouse in (select name from lost);
