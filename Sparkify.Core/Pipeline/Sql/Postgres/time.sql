-- Almost every moment is distinct, and then sorting (in parallel) beats hashing (in one process).
set local enable_hashagg = off;

create table dwh_build.time as
{time};

alter table dwh_build.time add primary key (start_time);
