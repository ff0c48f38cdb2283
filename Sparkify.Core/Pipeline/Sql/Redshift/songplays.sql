delete from {schema}.songplays;

-- Plays that repeat a key are one play: the lowest values stay. Nothing enforces keys here, so all are ranked.
insert into {schema}.songplays
select {columns}
from   (select p.*, row_number() over (partition by songplay_id order by {songplays_winner}) as place
        from   ({rows}) p) ranked
where  place = 1;

-- Counted from what makes a play that play and not from its hash, so that the check of the sum has something to compare.
update {schema}.load set repeated_plays = repeated.n
from   (select coalesce(cast(sum(n - 1) as bigint), 0) as n
        from   (select count(*) as n
                from   {schema}.staging_events
                where  page = 'NextSong'
                group  by session_id, item_in_session, ts, coalesce(user_id, '')
                having count(*) > 1) plays) repeated;
