select p.artist_name as artist, count(*) as plays
from   songplays p
where  p.artist_name is not null
       and (@from is null or p.start_time >= @from) and (@until is null or p.start_time < @until)
       and (@level is null or p.level = @level)
group  by p.artist_name
order  by plays desc, artist
limit  @top
