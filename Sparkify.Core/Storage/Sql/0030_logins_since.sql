-- From when on somebody's own logins into warehouses' databases have to have their passwords: those of before end, as sessions do.
alter table people add column logins_since timestamptz;
