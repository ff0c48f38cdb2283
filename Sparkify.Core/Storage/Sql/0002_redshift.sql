-- Warehouses on Redshift: what the cluster is to be like, where it answers, and when somebody last used it (the idle guard judges by that).

alter table warehouses
    add column redshift      json,
    add column endpoint      json,
    add column last_query_at timestamptz;
