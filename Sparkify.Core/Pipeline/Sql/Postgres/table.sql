drop table if exists {schema}.{table} cascade;

create table {schema}.{table} as
{rows};

alter table {schema}.{table} add primary key ({key});
