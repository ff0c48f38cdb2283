delete from {schema}.{table};

insert into {schema}.{table}
{rows};
