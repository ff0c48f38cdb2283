-- It is there already when the plays were sent along with the events.
create table if not exists {schema}.songplays with ({written_once}) as
{rows};

-- Plays that repeat a key are one play. Almost no source has any, so the key itself looks for them, and only if it finds some are they
-- ranked: the lowest values stay.
do $$
declare
    repeated bigint := 0;
begin
    if exists (select 1 from pg_constraint where conrelid = '{schema}.songplays'::regclass and contype = 'p') then
        return; -- an earlier attempt has done it
    end if;

    alter table {schema}.songplays add primary key (songplay_id);
exception when unique_violation then
    delete from {schema}.songplays p
    using (select ctid, row_number() over (partition by songplay_id order by {songplays_winner}) as place
           from   {schema}.songplays
           where  songplay_id in (select songplay_id from {schema}.songplays group by songplay_id having count(*) > 1)) ranked
    where  p.ctid = ranked.ctid and ranked.place > 1;
    get diagnostics repeated = row_count;
    update {schema}.load set repeated_plays = repeated;
    alter table {schema}.songplays add primary key (songplay_id);
end $$;

-- Reports group by day and by hour. Without these the server takes every moment for a group of its own and does not share the work
-- among its cores; with them, the analysis that follows counts the days and hours of its sample.
create statistics if not exists {schema}.songplays_days on (date_trunc('day', start_time)) from {schema}.songplays;
create statistics if not exists {schema}.songplays_hours on (date_trunc('hour', start_time)) from {schema}.songplays;
