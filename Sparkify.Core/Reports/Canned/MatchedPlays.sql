select case when p.matched = 1 then 'in the catalogue' else 'not in the catalogue' end as plays_are, p.plays
from   (select case when p.song_id is null then 0 else 1 end as matched, count(*) as plays
        from   songplays p
        where  (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
               and (@level is null or p.level = @level)
        group  by 1) p
order  by p.matched desc
