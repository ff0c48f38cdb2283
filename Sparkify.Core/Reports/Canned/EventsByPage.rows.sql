-- The events of one page.
select e.ts, e.page, e.user_id, e.first_name, e.last_name, e.level, e.session_id, e.item_in_session, e.method, e.status, e.location
from   staging_events e
where  (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)
