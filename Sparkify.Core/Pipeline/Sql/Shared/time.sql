-- One row per moment at which something was played. (Where we read the events ourselves, MomentRows makes the same rows of what it gathers
-- while it has them in hand.)
select {time}
from   (select distinct ts as start_time from {event_records} where page = 'NextSong' and ts is not null) moments
