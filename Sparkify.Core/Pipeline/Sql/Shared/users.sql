-- One row per user who played something; the latest event of any page decides. First one aggregate over all events (in parallel), then
-- only each user's latest events are looked at: nothing sorts the whole table.
select user_id, first_name, last_name, gender, level
from   (select e.user_id, e.first_name, e.last_name, e.gender, e.level, row_number() over (
                   partition by e.user_id
                   order by e.session_id desc nulls last, e.item_in_session desc nulls last,
                            e.level{bytewise}, e.first_name{bytewise}, e.last_name{bytewise}, e.gender{bytewise}) as place
        from   {schema}.staging_events e
               join (select user_id, max(coalesce(ts, timestamp '0001-01-01')) as ts
                     from   {schema}.staging_events
                     where  user_id <> ''
                     group  by user_id
                     having bool_or(page = 'NextSong')) latest
               on latest.user_id = e.user_id and latest.ts = coalesce(e.ts, timestamp '0001-01-01')) ranked
where  place = 1
