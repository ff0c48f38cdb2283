-- The events of one page, those that were read twice once.
select ts, page, user_id, first_name, last_name, level, session_id, item_in_session, method, status, location
from   (select e.ts, e.page, e.user_id, e.first_name, e.last_name, e.level, e.session_id, e.item_in_session, e.method, e.status,
               e.location, row_number() over (
                   partition by e.page, e.session_id, e.item_in_session, e.ts, coalesce(e.user_id, '')
                   order by e.level, e.first_name, e.last_name, e.method, e.status, e.location) as place
        from   staging_events e
        where  (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)) ranked
where  place = 1
