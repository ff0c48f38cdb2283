-- A sort or a join of a query must not fill the disk. Only a superuser can set it.
do $$
begin
    if (select rolsuper from pg_roles where rolname = current_user) then
        alter role {reporter} set temp_file_limit = '4GB';
    end if;
end $$
