-- The AWS account a warehouse's cluster and what goes with it are made in; none before the first provisioning and for a local one.
alter table warehouses add column account text;
