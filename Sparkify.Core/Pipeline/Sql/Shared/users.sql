-- One row per user who played something. The latest event of any page decides the level; a name and the gender are the last known ones, so
-- that an event without them takes none away. Only those events of each user are looked at that can decide: nothing sorts the whole table.
select user_id,
       max(case when first_place = 1 then first_name end) as first_name,
       max(case when last_place = 1 then last_name end) as last_name,
       max(case when gender_place = 1 then gender end) as gender,
       max(case when place = 1 then level end) as level
from   (select user_id, first_name, last_name, gender, level,
               row_number() over (partition by user_id order by {users_latest}) as place,
               row_number() over (partition by user_id order by case when first_name <> '' then 0 else 1 end, {users_latest}) as first_place,
               row_number() over (partition by user_id order by case when last_name <> '' then 0 else 1 end, {users_latest}) as last_place,
               row_number() over (partition by user_id order by case when gender <> '' then 0 else 1 end, {users_latest}) as gender_place
        from   ({latest_events}) decisive
        where  page = 'NextSong'
       ) ranked
group  by user_id
