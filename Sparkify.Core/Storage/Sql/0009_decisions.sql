-- A load that is hard to believe waits for a person before it is published. What it asks, and what was answered.
alter table runs
    add column asks        text,
    add column asked_at    timestamptz,
    add column answer      text,
    add column answered_by text,
    add column answered_at timestamptz,
    add column answer_why  text;
-- Only few ever ask; a new load, a teardown and a changed limit look for them.
create index runs_asking on runs (warehouse) where state = 'needsdecision';

alter table warehouses
    -- Ask when the new star has less than this share of the published one, in percent; 0 never asks.
    add column least_of_published integer not null default 50 check (least_of_published between 0 and 100),
    -- Ask when fewer than this share of the records have a field the star needs, in percent; 0 never asks.
    add column least_with_field   integer not null default 5 check (least_with_field between 0 and 100);

-- How many days a star has plays on; unknown for one that was published before.
alter table play_counts add column days bigint;
