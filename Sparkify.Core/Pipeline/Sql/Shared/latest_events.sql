-- The events that can decide what is said of a user; their page is a play's when the user has ever played something. (Where we read the events ourselves, UserEvents gathers the same while it has them in
-- hand.)
select e.user_id, e.first_name, e.last_name, e.gender, e.level, e.session_id, e.item_in_session, coalesce(e.ts, timestamp '0001-01-01') as ts,
       latest.page
from   {event_records} e
       join ({known}) latest
       on latest.user_id = e.user_id
          and coalesce(e.ts, timestamp '0001-01-01') in (latest.ts, latest.first_ts, latest.last_ts, latest.gender_ts)
