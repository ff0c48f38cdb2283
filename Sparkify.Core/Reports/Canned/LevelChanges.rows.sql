-- The events with which users changed their level, those that were read twice once.
select start_time, page, user_id, first_name, last_name, level, session_id, item_in_session, location
from   (select e.ts as start_time, e.page, e.user_id, e.first_name, e.last_name, e.level, e.session_id, e.item_in_session, e.location,
               row_number() over (
                   partition by e.page, e.session_id, e.item_in_session, e.ts, coalesce(e.user_id, '')
                   order by e.level, e.first_name, e.last_name, e.location) as place
        from   staging_events e
        where  e.page in ('Submit Upgrade', 'Submit Downgrade')
               and (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)) ranked
where  place = 1
