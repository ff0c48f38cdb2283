-- The tables of a warehouse on Redshift; the same in the build schema and in the one readers see, because publishing copies rows.
--
-- Widths are bytes of UTF-8, as everywhere on Redshift, and those the staging tables take; what is longer is a reject. Encodings are
-- left to Redshift: naming one column's would switch its automatic choice off for the whole table.
--
-- Raw rows are written once and read a few times from end to end: spread evenly they load and scan on every slice alike, and a sort key
-- would only cost. (By user they would pile up: logged-out visitors all have the same, empty one.)
create table if not exists {schema}.staging_events (
    artist          varchar(1024),
    auth            varchar(64),
    first_name      varchar(256),
    gender          varchar(16),
    item_in_session integer,
    last_name       varchar(256),
    length          double precision,
    level           varchar(32),
    location        varchar(512),
    method          varchar(16),
    page            varchar(64),
    registration    double precision,
    session_id      bigint,
    song            varchar(1024),
    status          integer,
    ts              timestamp,
    user_agent      varchar(1024),
    user_id         varchar(64))
diststyle even;

create table if not exists {schema}.staging_songs (
    num_songs        integer,
    artist_id        varchar(64),
    artist_latitude  double precision,
    artist_longitude double precision,
    artist_location  varchar(1024),
    artist_name      varchar(1024),
    song_id          varchar(64),
    title            varchar(1024),
    duration         double precision,
    year             integer)
diststyle even;

-- Small, and joined by every question: a copy on each node makes the joins local. Sorted by their key, they merge and look up cheaply.
create table if not exists {schema}.artists (
    artist_id varchar(64) not null,
    name      varchar(1024),
    location  varchar(1024),
    latitude  double precision,
    longitude double precision)
diststyle all sortkey (artist_id);

create table if not exists {schema}.songs (
    song_id   varchar(64) not null,
    title     varchar(1024),
    artist_id varchar(64),
    year      integer,
    duration  double precision)
diststyle all sortkey (song_id);

create table if not exists {schema}.users (
    user_id    varchar(64) not null,
    first_name varchar(256),
    last_name  varchar(256),
    gender     varchar(16),
    level      varchar(32))
diststyle all sortkey (user_id);

-- Nearly as many rows as songplays, so no copies: both are distributed by the moment and sorted by it, which puts each play beside its
-- moment and lets the two be merged without moving or sorting a row.
create table if not exists {schema}.time (
    start_time timestamp not null,
    hour       integer,
    day        integer,
    week       integer,
    month      integer,
    year       integer,
    weekday    integer)
distkey (start_time) sortkey (start_time);

-- The moment is to the millisecond, so its hash spreads plays evenly (song_id would not: most plays have none), and reports that ask
-- for a span of time skip the blocks outside it.
create table if not exists {schema}.songplays (
    songplay_id     bigint not null,
    start_time      timestamp,
    user_id         varchar(64),
    level           varchar(32),
    song_id         varchar(64),
    artist_id       varchar(64),
    session_id      bigint,
    item_in_session integer,
    location        varchar(512),
    user_agent      varchar(1024),
    song_title      varchar(1024),
    artist_name     varchar(1024),
    duration        double precision)
distkey (start_time) sortkey (start_time);

-- Whose build it is, and what came of the records.
create table if not exists {schema}.load (
    run            bigint not null,
    build          varchar(32) not null,
    repeated_plays bigint not null)
diststyle all;

create table if not exists {schema}.load_counts (
    part     varchar(16) not null,
    read     bigint not null,
    staged   bigint not null,
    rejected bigint not null)
diststyle all;
