select what, rows_there as rows, first, last
from   (select 1 as place, 'events' as what, count(*) as rows_there, min(ts) as first, max(ts) as last from staging_events
        union all select 2, 'plays', count(*), min(start_time), max(start_time) from songplays) counted
order  by place
