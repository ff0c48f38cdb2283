create table dwh_build.songplays as
{songplays};

update dwh_build.load set repeated_plays = 0;

-- Plays that repeat a key are one play. Almost no source has any, so the key itself looks for them, and only if it finds some are they
-- ranked: the lowest values stay.
do $$
declare
    repeated bigint := 0;
begin
    alter table dwh_build.songplays add primary key (songplay_id);
exception when unique_violation then
    delete from dwh_build.songplays p
    using (select ctid, row_number() over (partition by songplay_id order by {songplays_winner}) as place
           from   dwh_build.songplays
           where  songplay_id in (select songplay_id from dwh_build.songplays group by songplay_id having count(*) > 1)) ranked
    where  p.ctid = ranked.ctid and ranked.place > 1;
    get diagnostics repeated = row_count;
    update dwh_build.load set repeated_plays = repeated;
    alter table dwh_build.songplays add primary key (songplay_id);
end $$;
