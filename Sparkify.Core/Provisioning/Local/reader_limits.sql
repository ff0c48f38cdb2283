-- A sort or a join of a query must not fill the disk.
alter role {reporter} set temp_file_limit = '4GB';
