-- A resource that turned out not to be ours was left where it is: that is not the same as gone.
alter table resources add column left_alone boolean not null default false;
