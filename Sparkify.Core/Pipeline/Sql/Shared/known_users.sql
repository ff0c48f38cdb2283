-- Every user, whether one has played something, and the moments of the events that can decide: the latest of all, and the latest with a first
-- name, a last name and a gender.
select user_id, max(ts) as ts, max(case when first_name <> '' then ts end) as first_ts,
       max(case when last_name <> '' then ts end) as last_ts, max(case when gender <> '' then ts end) as gender_ts,
       max(case when page = 'NextSong' then page end) as page
from   (select user_id, page, first_name, last_name, gender, coalesce(ts, timestamp '0001-01-01') as ts
        from   {event_records}
        where  user_id <> '') known
group  by user_id
