-- By which script the readers of a warehouse were kept from what is not theirs; none where that was an earlier version.
alter table warehouses add column reader_bounds text;
