select p.song_title as song, p.artist_name as artist, count(*) as plays
from   songplays p
where  p.song_title is not null
       and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
       and (@level is null or p.level = @level)
group  by p.song_title, p.artist_name
order  by plays desc, song, artist
limit  @top
