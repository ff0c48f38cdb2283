-- The login into a cluster that somebody else made: its password, encrypted, and whether it may not make users and so does everything itself.
alter table warehouses
    add column login_password text,
    add column login_alone    boolean not null default false;
