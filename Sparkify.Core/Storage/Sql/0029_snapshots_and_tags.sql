-- The snapshot a provisioning makes its cluster from; none for an empty one.
alter table runs add column snapshot text;
alter table run_requests add column snapshot text;

-- The keys of the warehouse's own tags that may stand on what it owns: one that is taken out of its settings is taken off there, too.
alter table warehouses add column tag_keys text[] not null default '{}';
