drop table if exists {schema}.{table} cascade;

create table {schema}.{table} with ({written_once}) as
{rows};

alter table {schema}.{table} add primary key ({key});
