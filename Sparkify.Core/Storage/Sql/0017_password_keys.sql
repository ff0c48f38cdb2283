-- From which key in the data folder the passwords of a warehouse's roles were computed; none is the first there was.
alter table warehouses add column password_key text;
