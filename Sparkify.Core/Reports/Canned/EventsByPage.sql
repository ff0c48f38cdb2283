-- An event is told apart as a play is: by session, item, time and user, and by its page. Read twice it counts once. Few events share a
-- moment of a session with another one, and only among those anything is looked for.
with moments as (
    select coalesce(e.session_id, -1) as session_id, coalesce(e.item_in_session, -1) as item_in_session,
           coalesce(e.ts, timestamp '0001-01-01') as ts
    from   staging_events e
    where  (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)
    group  by 1, 2, 3
    having count(*) > 1),
alike as (
    select e.page, count(*) as events
    from   staging_events e
           join moments m on m.session_id = coalesce(e.session_id, -1) and m.item_in_session = coalesce(e.item_in_session, -1)
                             and m.ts = coalesce(e.ts, timestamp '0001-01-01')
    group  by e.page, e.session_id, e.item_in_session, e.ts, coalesce(e.user_id, ''))
select page, cast(sum(counted) as bigint) as events
from   (select e.page, count(*) as counted
        from   staging_events e
        where  (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)
        group  by e.page
        union all select page, 1 - events from alike where events > 1) counts
group  by page
order  by events desc, page
