-- Which run made a resource, or was about to: a run that cannot use what it made takes back that, and nothing from before.
alter table resources add column made_by bigint;

-- By what a resource that carries no mark of ours is known again, such as the number its server gave a user.
alter table resources add column known_by text;
