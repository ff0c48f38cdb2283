-- The rows that new, changed or late records of songs add or change; and the keys that are gone. Of all records, since one of before may
-- have lost its place, or won it again: a catalogue is small beside the plays.
drop table if exists {schema}.{table}, {schema}.gone_{table} cascade;
{song_view}
create table {schema}.{table} with ({written_once}) as select * from {published}.{table} limit 0;
create table {schema}.gone_{table} as select {key} from {published}.{table} limit 0;

do $$
begin
    if exists (select from {schema}.staging_songs)
       or exists (select from {published}.staging_songs where file_id in (select file_id from {schema}.gone_files)) then
        create temporary table whole on commit drop as
        {rows};

        insert into {schema}.{table} ({columns})
        select {columns} from whole except select {columns} from {published}.{table};

        insert into {schema}.gone_{table}
        select {key} from {published}.{table} p where not exists (select from whole w where w.{key} = p.{key});
    end if;
end $$;

alter table {schema}.{table} add primary key ({key});

drop view song_records;
