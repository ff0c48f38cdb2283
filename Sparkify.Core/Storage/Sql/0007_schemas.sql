-- A warehouse names its own schema; those of before had no choice.
alter table warehouses add column schema text not null default 'dwh';
alter table warehouses alter column schema drop default;
