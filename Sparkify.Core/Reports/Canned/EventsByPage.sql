-- An event is told apart as a play is: by session, item, time and user, and by its page. Read twice it counts once.
select page, count(*) as events
from   (select distinct e.page, e.session_id, e.item_in_session, e.ts, coalesce(e.user_id, '') as user_id
        from   staging_events e
        where  (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)) events
group  by page
order  by events desc, page
