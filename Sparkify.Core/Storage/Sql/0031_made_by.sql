-- Which run made a resource, or was about to: a run that cannot use what it made takes back that, and nothing from before.
alter table resources add column made_by bigint;
