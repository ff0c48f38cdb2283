create temporary view song_records as
select {song_columns} from {published}.staging_songs where file_id not in (select file_id from {schema}.gone_files)
union all
select {song_columns} from {schema}.staging_songs;
