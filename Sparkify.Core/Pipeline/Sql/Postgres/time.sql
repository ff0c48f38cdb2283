drop table if exists {schema}.time cascade;

-- Almost every moment is distinct, and then sorting (in parallel) beats hashing (in one process).
set local enable_hashagg = off;

create table {schema}.time with ({written_once}) as
{rows};

alter table {schema}.time add primary key (start_time);
