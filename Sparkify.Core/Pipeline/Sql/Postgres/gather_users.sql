-- By itself, so that every worker has all of it at hand and looks through its share of the events alone.
create temporary table known_users on commit drop as
{known_users};

analyze known_users;

create table {schema}.latest_events with ({written_once}) as
{latest_events};
