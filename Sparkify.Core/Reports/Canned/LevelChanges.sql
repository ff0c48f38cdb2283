select case when @per = 'week' then date_trunc('week', e.ts) else date_trunc('day', e.ts) end as period,
       cast(sum(case when e.page = 'Submit Upgrade' then 1 else 0 end) as bigint) as upgrades,
       cast(sum(case when e.page = 'Submit Downgrade' then 1 else 0 end) as bigint) as downgrades
from   staging_events e
where  e.page in ('Submit Upgrade', 'Submit Downgrade') and e.ts is not null
       and (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)
group  by 1
order  by 1
