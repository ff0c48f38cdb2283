-- Makes a copy of a cluster's database the property of roles of its own, which are made here: every owner, every grant, and the names in functions and views.
set allow_system_table_mods = on;
do $$
declare
    old constant text := '{from}';
    own constant text := '{prefix}';
    item record;
begin
    for item in select rolname, rolcanlogin, own || substr(rolname, length(old) + 1) as name from pg_roles where starts_with(rolname, old) loop
        if not exists (select from pg_roles where rolname = item.name) then
            execute format('create role %I %s', item.name, case when item.rolcanlogin then 'login' else 'nologin' end);
        end if;
    end loop;
    for item in
        select replace(r.rolname, old, own) as role, replace(m.rolname, old, own) as member
        from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member where starts_with(m.rolname, old)
    loop
        execute format('grant %I to %I', item.role, item.member);
    end loop;

    for item in
        select c.oid::regclass as catalogue, a.attname as name, a.atttypid = 'aclitem[]'::regtype as is_acl
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared and a.attnum > 0 and not a.attisdropped
            and (a.atttypid = 'aclitem[]'::regtype or (a.atttypid = 'oid'::regtype and (a.attname like '%owner' or a.attname = 'defaclrole')))
    loop
        if item.is_acl then
            execute format('update %1$s set %2$I = replace(%2$I::text, %3$L, %4$L)::aclitem[] where strpos(%2$I::text, %3$L) > 0',
                item.catalogue, item.name, old, own);
        else
            execute format('update %1$s t set %2$I = n.oid from pg_roles o join pg_roles n on n.rolname = replace(o.rolname, %3$L, %4$L)
                where t.%2$I = o.oid and starts_with(o.rolname, %3$L)', item.catalogue, item.name, old, own);
        end if;
    end loop;
    update pg_shdepend d set refobjid = n.oid from pg_roles o join pg_roles n on n.rolname = replace(o.rolname, old, own)
    -- A cluster's current_database() says what its users call it.
    where d.dbid = (select oid from pg_database where datname = rtrim(own, '_')) and d.refclassid = 'pg_authid'::regclass
        and d.refobjid = o.oid and starts_with(o.rolname, old);

    update pg_proc set prosrc = replace(prosrc, old, own) where strpos(prosrc, old) > 0;
    for item in
        select format('%I.%I', n.nspname, c.relname) as name, pg_get_viewdef(c.oid) as definition,
            'with (' || array_to_string(c.reloptions, ', ') || ')' as options
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'v' and strpos(pg_get_viewdef(c.oid), old) > 0
    loop
        execute format('create or replace view %s %s as %s', item.name, item.options, replace(item.definition, old, own));
    end loop;
end $$;
-- What ran on the other cluster is no history of this one.
truncate sim_internal.queries, sim_internal.transactions, sim_internal.loads, sim_internal.load_files, sim_internal.load_errors;
drop table if exists sim_internal.copy;
create table sim_internal.copy (key text not null);
insert into sim_internal.copy values ('{prefix}');
