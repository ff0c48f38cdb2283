-- The events with which users changed their level.
select e.ts as start_time, e.page, e.user_id, e.first_name, e.last_name, e.level, e.session_id, e.item_in_session, e.location
from   staging_events e
where  e.page in ('Submit Upgrade', 'Submit Downgrade')
       and (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)
