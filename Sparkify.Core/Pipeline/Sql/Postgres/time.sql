-- It is there already when the moments were gathered in passing.
-- Almost every moment is distinct, and then sorting (in parallel) beats hashing (in one process).
set local enable_hashagg = off;

create table if not exists {schema}.time with ({written_once}) as
{rows};

-- An earlier attempt may have made it.
alter table {schema}.time drop constraint if exists time_pkey;
alter table {schema}.time add primary key (start_time);
