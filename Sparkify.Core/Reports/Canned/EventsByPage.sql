-- An event is told apart as a play is: by session, item, time and user, and by its page. Read twice it counts once. Of plays the load has
-- seen to that already; so only the few events that are none are told apart here.
select page, cast(sum(counted) as bigint) as events
from   (select e.page, count(*) as counted
        from   (select distinct page, session_id, item_in_session, ts, coalesce(user_id, '') as user_id
                from   staging_events
                where  (page <> 'NextSong' or page is null) and (@from is null or ts >= @from) and (@until is null or ts < @until)) e
        group  by e.page
        union all
        select 'NextSong', count(*)
        from   songplays p
        where  (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)) counts
where  counted > 0
group  by page
order  by events desc, page
