-- The trace a run belongs to: of whoever queued it last, and while it waits its own.
alter table runs add column trace text;
