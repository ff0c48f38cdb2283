select e.page, count(*) as events
from   staging_events e
where  (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)
group  by e.page
order  by events desc, e.page
