-- A load can be published and still be worth a second look.
alter table run_steps add column warnings bigint;
alter table checks add column outcome text;
alter table checks add column detail text;
update checks set outcome = case when passed then 'passed' else 'failed' end;
alter table checks alter column outcome set not null;
alter table checks drop column passed;
