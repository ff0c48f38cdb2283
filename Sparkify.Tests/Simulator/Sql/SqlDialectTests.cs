using Npgsql;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>What Redshift refuses is refused, and what it says differently is understood.</summary>
public sealed class SqlDialectTests(SqlDialectTests.Shared shared) : IClassFixture<SqlDialectTests.Shared>, IAsyncLifetime
{
    private readonly SqlBench _bench = shared.Bench;

    public async Task InitializeAsync()
    {
        await _bench.RunAsync("drop table if exists t");
        await _bench.RunAsync("create table t (id int, name varchar(20), at timestamp)");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("copy t from stdin", "0A000")]
    [InlineData("copy t to stdout", "42601")]
    [InlineData("insert into t (id) values (1) on conflict do nothing", "42601")]
    [InlineData("insert into t (id) values (1) returning id", "42601")]
    [InlineData("select distinct on (id) * from t", "0A000")]
    [InlineData("select * from t a, lateral (select a.id) b", "42601")]
    [InlineData("select count(*) filter (where id > 1) from t", "42601")]
    [InlineData("select array[1, 2]", "0A000")]
    [InlineData("select id from t where id = any('{1,2}')", "0A000")]
    [InlineData("select array_agg(id) from t", "42883")]
    [InlineData("select unnest('{1}'::int[])", "42883")]
    [InlineData("savepoint a", "0A000")]
    [InlineData("rollback to a", "0A000")]
    [InlineData("insert into t (id) select 1; insert into t (id) select 2", "0A000")]
    [InlineData("create index on t (id)", "0A000")]
    [InlineData("create unique index i on t (id)", "0A000")]
    [InlineData("create table s (id serial)", "0A000")]
    [InlineData("create sequence s", "0A000")]
    [InlineData("select nextval('s')", "42883")]
    [InlineData("create table s (id int check (id > 1))", "0A000")]
    [InlineData("create table s (id int, check (id > 1))", "0A000")]
    [InlineData("select * from (values (1), (2)) v", "42601")]
    [InlineData("values (1)", "42601")]
    [InlineData("insert into t (id) select n from generate_series(1, 3) n", "0A000")]
    [InlineData("select string_agg(name, ',') from t", "42883")]
    [InlineData("create table s (id uuid)", "0A000")]
    [InlineData("create table s (id jsonb)", "0A000")]
    [InlineData("create table s (id bytea)", "0A000")]
    [InlineData("create table s (id int[])", "0A000")]
    [InlineData("select '1'::jsonb", "42704")]
    [InlineData("select cast('a' as uuid)", "42704")]
    [InlineData("create unlogged table s (id int)", "42601")]
    [InlineData("listen a", "0A000")]
    [InlineData("notify a", "0A000")]
    [InlineData("discard all", "0A000")]
    [InlineData("select pg_sleep(1)", "42883")]
    [InlineData("select pg_advisory_lock(1)", "42883")]
    [InlineData("do $$ begin end $$", "0A000")]
    [InlineData("set role admin", "0A000")]
    [InlineData("create extension pg_trgm", "0A000")]
    [InlineData("select now() from t", "0A000")]
    [InlineData("select age(at) from t", "0A000")]
    [InlineData("alter table t add column a int, add column b int", "0A000")]
    [InlineData("alter table t add column if not exists a int", "42601")]
    [InlineData("alter table t alter column id set not null", "0A000")]
    [InlineData("select * from t for update", "0A000")]
    [InlineData("with d as (delete from t where id = 1) select 1", "42601")]
    [InlineData("explain analyze select 1", "42601")]
    [InlineData("create table s (id int) partition by range (id)", "42601")]
    [InlineData("create function f() returns int language sql as 'select 1'", "0A000")]
    [InlineData("vacuum full t extra; select 1", "0A000")]
    [InlineData("drop table", "42601")]
    [InlineData("create table s (a int distkey, b int distkey)", "42P16")]
    [InlineData("create table s (a int distkey, b int) distkey (b)", "42P16")]
    [InlineData("create table s (a int distkey) diststyle all", "42P16")]
    [InlineData("create table s (a int) diststyle even distkey (a)", "42P16")]
    [InlineData("create table s (a int) diststyle key", "42P16")]
    [InlineData("create table s (a int) sortkey (b)", "42703")]
    [InlineData("create table s (a int) distkey (b)", "42703")]
    [InlineData("create table s distkey (b) as select id as a from t", "42703")]
    [InlineData("create table s sortkey (id, b) as (select id from t)", "42703")]
    [InlineData("create temp table s diststyle all distkey (id) as select id from t", "42P16")]
    [InlineData("create table s (a int encode best)", "0A000")]
    [InlineData("create table s (a varchar(5) encode az64)", "0A000")]
    [InlineData("create table s (a int encode text255)", "0A000")]
    [InlineData("create table s (a numeric(39,2))", "22023")]
    [InlineData("select id::numeric(39) from t", "22023")]
    [InlineData("select sum(id) over (order by at) from t", "0A000")]
    [InlineData("select last_value(id) over (partition by name order by at) from t", "0A000")]
    [InlineData("select sum(id) over (order by at range between unbounded preceding and current row) from t", "0A000")]
    [InlineData("select first_value(id) ignore nulls over (order by at rows unbounded preceding) from t", "0A000")]
    [InlineData("select to_timestamp(1541077528)", "42883")]
    [InlineData("select to_timestamp(id) from t", "42883")]
    [InlineData("select starts_with(name, 'a') from t", "42883")]
    [InlineData("select pg_catalog.starts_with(name, 'a') from t", "42883")]
    [InlineData("select \"starts_with\"(name, 'a') from t", "42883")]
    [InlineData("select u&\"starts\\005fwith\"(name, 'a') from t", "42601")]
    [InlineData("select date_bin('1 day', at, at) from t", "42883")]
    [InlineData("select concat(name, 'a', 'b') from t", "42883")]
    [InlineData("select concat_ws(',', name, 'a') from t", "42883")]
    [InlineData("select format('%s', name) from t", "42883")]
    [InlineData("select make_date(2018, 11, 1)", "42883")]
    [InlineData("select regexp_matches(name, 'a') from t", "42883")]
    [InlineData("select gen_random_uuid()", "42883")]
    [InlineData("select json_parse('{}')", "0A000")]
    [InlineData("select extract(fortnight from at) from t", "22023")]
    [InlineData("select datediff(fortnight, at, at) from t", "22023")]
    [InlineData("select top 1 id from t union select 2", "0A000")]
    [InlineData("select listagg(name) within group (order by id) over (partition by id) from t", "0A000")]
    [InlineData("select id from t qualify", "42601")]
    [InlineData("select decode(id, 1) from t", "42883")]
    public async Task What_Redshift_refuses_is_refused(string sql, string state)
    {
        // Both ways of asking: as a simple query, as psql sends it, and prepared.
        var error = await _bench.RefusedAsync(sql);
        Assert.True(error.SqlState == state, $"{error.SqlState}: {error.MessageText}");
        await using var connection = await _bench.Master.OpenConnectionAsync();
        Assert.Equal(1, await new NpgsqlCommand("select 1", connection).ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("select 'returning; on conflict' /* savepoint a; */ -- array[1]", "returning; on conflict")]
    [InlineData("select 'it''s \\'x\\''", "it's 'x'")]
    [InlineData("select nvl(null, 'b')", "b")]
    [InlineData("select len('grün')", "4")]
    [InlineData("select strtol('deadbeef00', 16)", "956397711104")]
    [InlineData("select strtol(substring(md5('a'), 1, 15), 16)", "57446577476672362")]
    [InlineData("select datediff(day, '2018-11-01 23:59', '2018-11-02 00:01')", "1")]
    [InlineData("select datediff(hour, timestamp '2018-11-01 10:59', timestamp '2018-11-01 12:00')", "2")]
    [InlineData("select dateadd(month, 1, '2018-01-31')", "2018-02-28 00:00:00")]
    [InlineData("select date_part(dow, timestamp '2018-11-04')", "0")]
    [InlineData("select convert_timezone('America/Los_Angeles', timestamp '2018-11-01 12:00')", "2018-11-01 05:00:00")]
    [InlineData("select timestamp 'epoch' + 1541077528 * interval '1 second'", "2018-11-01 13:05:28")]
    [InlineData("select regexp_replace('a1b2', '[0-9]', '-')", "a-b-")]
    [InlineData("select substring(version(), 1, 16)", "PostgreSQL 8.0.2")]
    [InlineData("select \"ID\" from t union all select 5", "5")]
    [InlineData("select charindex('b', 'abc')", "2")]
    public async Task What_Redshift_says_differently_is_understood(string sql, string expected)
        => Assert.Equal([expected], await _bench.RowsAsync(sql));

    [Theory]
    [InlineData("select sum(id) over (order by at) from t", "Aggregate window functions with an ORDER BY clause require a frame clause")]
    [InlineData("create table s (a varchar(5) encode az64)", "invalid encoding type specified for column \"a\"")]
    [InlineData("create table s (a numeric(39,2))", "NUMERIC precision 39 must be between 1 and 38")]
    [InlineData("create table s (a int distkey, b int distkey)", "A table has one DISTKEY; \"a\" and \"b\" are given.")]
    [InlineData("select starts_with(name, 'a') from t", "function starts_with() does not exist")]
    public async Task A_refusal_says_what_is_wrong(string sql, string message) =>
        Assert.Equal(message, (await _bench.RefusedAsync(sql)).MessageText);

    [Fact]
    public async Task Listagg_orders_within_its_group()
    {
        await _bench.RunAsync("insert into t (id, name) values (2, 'b'), (1, 'a'), (3, 'c')");
        Assert.Equal(["3;2;1"], await _bench.RowsAsync("select listagg(id, ';') within group (order by name desc) from t"));
        Assert.Equal(["a,b,c"], await _bench.RowsAsync("select listagg(name, ',') within group (order by id) from t"));
    }

    [Fact]
    public async Task Lengths_count_bytes_and_text_has_256()
    {
        await _bench.RunAsync("create table v (a varchar(4), b text, c character varying, d varchar(max))");
        await _bench.RunAsync("insert into v (a) values ('äö')");
        foreach (var sql in new[] { "insert into v (a) values ('äöü')", "insert into v (a) values ('abcde')", $"insert into v (b) values ('{new string('x', 257)}')", $"update v set c = '{new string('ä', 129)}'" })
        {
            var error = await _bench.RefusedAsync(sql);
            Assert.Equal(("22001", "Value too long for character type"), (error.SqlState, error.MessageText));
        }

        await _bench.RunAsync($"insert into v (d) values ('{new string('x', 60_000)}')");
        await _bench.RunAsync("alter table v add column e varchar(2)");
        Assert.Equal("22001", (await _bench.RefusedAsync("update v set e = 'abc'")).SqlState);
        await _bench.RunAsync("alter table v alter column e type varchar(3)");
        await _bench.RunAsync("update v set e = 'abc'");
    }

    [Fact]
    public async Task Declared_keys_are_not_enforced_and_not_null_is()
    {
        await _bench.RunAsync("""
            create table if not exists "Plays" (id bigint identity(0, 1), song_id varchar(18) not null encode zstd distkey references t (id), start_time timestamp sortkey,
                user_id int default 5, note varchar(10) unique, constraint pk primary key (id), unique (song_id), foreign key (user_id) references t (id))
            """);
        await _bench.RunAsync("create table ordered (a int primary key, b int encode raw, c int) backup no diststyle key distkey (b) compound sortkey (c, a)");
        await _bench.RunAsync("insert into ordered values (1, 1, 1)");
        await _bench.RunAsync("insert into ordered values (1, 1, 1)");
        Assert.Equal("23502", (await _bench.RefusedAsync("insert into ordered (b) values (1)")).SqlState);
        await _bench.RunAsync("insert into plays (song_id, start_time) values ('S', '2018-11-01')");
        await _bench.RunAsync("insert into plays (song_id, start_time) values ('S', '2018-11-01')");
        Assert.Equal("23502", (await _bench.RefusedAsync("insert into plays (song_id) values (null)")).SqlState);
        await _bench.RunAsync("alter table ordered add constraint fk foreign key (a) references t (id)");
        await _bench.RunAsync("analyze");
        Assert.Equal(["ordered|KEY(b)|c|2|2", "plays|KEY(song_id)|start_time|1|2"],
            await _bench.RowsAsync("""select trim("table"), diststyle, sortkey1, sortkey_num, tbl_rows from svv_table_info where schema = 'public' and "table" in ('ordered', 'plays') order by 1"""));
        Assert.Equal(["b|t|0", "c|f|1"], await _bench.RowsAsync("""select "column", distkey, sortkey from pg_table_def where tablename = 'ordered' and "column" in ('b', 'c') order by 1"""));
        await _bench.RunAsync("create table copy_of (like ordered)");
        await _bench.RunAsync("create temp table picked distkey (a) sortkey (a) as select a from ordered");
        await _bench.RunAsync("create table made distkey (twice) sortkey (a, more) as select a, a * 2 as twice, twice + 1 as more from ordered");
        Assert.Equal(["1|2|3", "1|2|3"], await _bench.RowsAsync("select * from made"));
        await _bench.RunAsync("insert into copy_of select a, b, c from ordered");
        Assert.Equal(2L, await _bench.ScalarAsync("select count(*) from copy_of"));
    }

    [Fact]
    public async Task Parameters_of_types_Redshift_lacks_are_refused_and_others_pass()
    {
        await using var command = _bench.Master.CreateCommand("select id from t where id = @ids");
        command.Parameters.AddWithValue("ids", new[] { 1, 2 });
        Assert.Equal("22P03", (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync())).SqlState);
        await using var insert = _bench.Master.CreateCommand("insert into t (id, name, at) values (@id, @name, @at)");
        insert.Parameters.AddWithValue("id", 1);
        insert.Parameters.AddWithValue("name", "x");
        insert.Parameters.AddWithValue("at", new DateTime(2018, 11, 1, 0, 0, 0, DateTimeKind.Unspecified));
        Assert.Equal(1, await insert.ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task Delete_goes_without_from()
    {
        await _bench.RunAsync("insert into t (id) values (1), (2), (3)");
        Assert.Equal(1, await _bench.RunAsync("delete t where id = 1"));
        Assert.Equal(1, await _bench.RunAsync("delete public.t where id in (select 2)"));
        Assert.Equal(1, await _bench.RunAsync("delete \"t\""));
    }

    [Fact]
    public async Task A_batch_is_refused_and_its_connection_lives_on()
    {
        await using var connection = await _bench.Master.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new(
            "insert into t (id) select 1"), new("insert into t (id) select 2") }
        };
        Assert.Equal("0A000", (await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync())).SqlState);
        Assert.Equal(0L, await new NpgsqlCommand("select count(*) from t", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_refusal_fails_the_transaction_and_truncate_ends_it()
    {
        await using var connection = await _bench.Master.OpenConnectionAsync();
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "insert into t (id) values (1)");
        Assert.Equal("0A000", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "savepoint a"))).SqlState);
        Assert.Equal("25P02", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "select 1"))).SqlState);
        await ExecuteAsync(connection, "rollback");

        await ExecuteAsync(connection, "insert into t (id) values (1)");
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "truncate t");
        Assert.Equal(0L, await _bench.ScalarAsync("select count(*) from t"));
        await ExecuteAsync(connection, "rollback");
        Assert.Equal(0L, await _bench.ScalarAsync("select count(*) from t"));
    }

    [Fact]
    public async Task Errors_point_into_the_text_as_it_was_written()
    {
        const string Sql = "select nvl(id, 0), nvl(id, 1), sysdate, nonsense from t";
        Assert.Equal(Sql.IndexOf("nonsense", StringComparison.Ordinal) + 1, (await _bench.RefusedAsync(Sql)).Position);
    }

    /// <summary>One cluster for all of them.</summary>
    [Fact]
    public async Task Identity_without_seed_and_step_counts_from_one_and_truth_values_are_made_of_numbers()
    {
        await _bench.RunAsync("create table counted (id int identity primary key, other bigint generated by default as identity, weekday boolean)");
        await _bench.RunAsync("insert into counted (weekday) select extract(dow from at) from (select '2018-11-04'::timestamp as at)");
        await _bench.RunAsync("insert into counted (weekday) select extract(dow from at) from (select '2018-11-05'::timestamp as at)");
        Assert.Equal(["1|1|f", "2|2|t"], await _bench.RowsAsync("select id, other, weekday from counted order by id"));
    }

    public sealed class Shared : IAsyncLifetime
    {
        internal SqlBench Bench { get; private set; } = null!;

        public async Task InitializeAsync() => Bench = await SqlBench.StartAsync();

        public async Task DisposeAsync() => await Bench.DisposeAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
