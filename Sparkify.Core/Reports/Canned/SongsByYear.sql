with played as (
    select p.song_id, count(*) as plays
    from   songplays p
    where  p.song_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level)
    group  by p.song_id)
select cast(s.year as bigint) as year, count(*) as songs, cast(coalesce(sum(played.plays), 0) as bigint) as plays
from   songs s left join played on played.song_id = s.song_id
where  s.year is not null
group  by s.year
order  by s.year
