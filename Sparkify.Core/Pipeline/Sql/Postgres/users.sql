-- One row per user who played something; the latest event of any page decides. First one aggregate over all events (in parallel), then
-- only each user's latest events are looked at: nothing sorts the whole table.
create table dwh_build.users as
with latest as (
    select user_id, max(coalesce(ts, '-infinity')) as ts
    from   dwh_build.staging_events
    where  user_id <> ''
    group  by user_id
    having bool_or(page = 'NextSong'))
select distinct on (e.user_id) e.user_id, e.first_name, e.last_name, e.gender, e.level
from   dwh_build.staging_events e join latest on latest.user_id = e.user_id and latest.ts = coalesce(e.ts, '-infinity')
order  by e.user_id, e.session_id desc nulls last, e.item_in_session desc nulls last,
          e.level collate "C", e.first_name collate "C", e.last_name collate "C", e.gender collate "C";

alter table dwh_build.users add primary key (user_id);
