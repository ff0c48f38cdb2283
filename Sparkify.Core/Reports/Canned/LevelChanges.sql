-- An event that was read twice counts once.
select {period of start_time} as period,
       cast(sum(case when page = 'Submit Upgrade' then 1 else 0 end) as bigint) as upgrades,
       cast(sum(case when page = 'Submit Downgrade' then 1 else 0 end) as bigint) as downgrades
from   (select distinct e.page, e.session_id, e.item_in_session, e.ts as start_time, coalesce(e.user_id, '') as user_id
        from   staging_events e
        where  e.page in ('Submit Upgrade', 'Submit Downgrade') and e.ts is not null
               and (@from is null or e.ts >= @from) and (@until is null or e.ts < @until)) changes
group  by 1
order  by 1
