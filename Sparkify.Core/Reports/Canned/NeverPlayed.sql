with played as (
    select distinct p.song_id
    from   songplays p
    where  p.song_id is not null
           and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
           and (@level is null or p.level = @level))
select s.title as song, a.name as artist, cast(s.year as bigint) as year, s.duration, s.song_id
from   songs s
       left join artists a on a.artist_id = s.artist_id
       left join played on played.song_id = s.song_id
where  played.song_id is null
order  by artist, song, s.song_id
