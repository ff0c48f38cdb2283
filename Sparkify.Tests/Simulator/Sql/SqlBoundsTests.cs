using Dapper;
using Npgsql;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>
/// What a user of a cluster sees of the server behind it: no more than the reader of a local warehouse, and the cluster's own views.
/// </summary>
public sealed class SqlBoundsTests(SqlBoundsTests.Cluster cluster) : IClassFixture<SqlBoundsTests.Cluster>
{
    private static readonly string[] OfTheCluster =
    [
        "pg_group", "pg_table_def", "pg_user", "sim_database", "sim_settings", "sim_stat_activity", "stl_load_commits", "stl_load_errors", "stl_query", "stv_sessions", "svv_columns", "svv_table_info", "svv_tables", "sys_load_detail", "sys_load_error_detail", "sys_load_history", "sys_query_history",
        "sys_query_text", "sys_transaction_history",
    ];

    /// <summary>What a cluster has under the name of a catalogue of the server's.</summary>
    private static readonly string[] OfTheDoor = ["pg_database", "pg_settings", "pg_stat_activity"];

    private static readonly string[] Seen = [.. Catalogues.OfTables.Concat(OfTheCluster).Order(StringComparer.Ordinal)];

    public static TheoryData<string> NotAReaders => Catalogues.NotAReaders;

    [Fact]
    public async Task A_user_sees_of_each_catalogue_what_tells_of_its_own_database()
    {
        await using var reporter = await cluster.BehindAsync();

        Assert.Equal(Seen, await Catalogues.SeenAsync(reporter));
    }

    [Fact]
    public async Task Everything_a_user_may_read_tells_of_no_other_cluster()
    {
        await using var other = await SqlBench.StartAsync();
        await other.RunAsync("create user rival password 'Rival1pass'");
        var rival = await other.BackendNameAsync();
        await using var reporter = await cluster.BehindAsync();

        Assert.Equal([], await Catalogues.WhereAsync(reporter, rival, Seen));

        await using var administrator = new NpgsqlConnection(cluster.Bench.Server.Options.SqlBackend);
        Assert.Equal(3, await administrator.ExecuteScalarAsync<long>(
            "select count(*) from (select datname from pg_database union all select rolname from pg_roles) n where starts_with(datname, @rival)",
            new { rival }));
    }

    [Theory]
    [MemberData(nameof(NotAReaders))]
    public async Task What_is_not_a_readers_is_refused(string sql)
    {
        await using var behind = await cluster.BehindAsync();
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => behind.ExecuteAsync(sql))).SqlState);

        // By the cluster's own door too, whether its dialect knows such a thing or not; but for what is another thing there.
        await using var door = cluster.Bench.As("visitor", Cluster.Password);
        Assert.Equal(0L, await SqlBench.ScalarAsync(door, "select count(*) from star.songs"));
        if (Array.Exists(OfTheDoor, name => sql.EndsWith($" from {name}", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("sim_", string.Join('\n', await SqlBench.RowsAsync(door, sql)), StringComparison.Ordinal);
            return;
        }

        await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RunAsync(door, sql));
    }

    [Theory]
    [InlineData("lo_creat(-1)")]
    [InlineData("lo_unlink(1)")]
    [InlineData("lo_get(1)")]
    [InlineData("pg_logical_emit_message(false, 'mine', 'x')")]
    [InlineData("pg_read_file('/etc/passwd')")]
    [InlineData("pg_ls_dir('.')")]
    [InlineData("pg_sleep(0)")]
    [InlineData("pg_sleep_for('1 second')")]
    [InlineData("pg_notify('mine', 'x')")]
    [InlineData("pg_advisory_lock(1)")]
    [InlineData("pg_try_advisory_xact_lock_shared(1, 2)")]
    [InlineData("pg_current_wal_lsn()")]
    [InlineData("txid_current()")]
    [InlineData("pg_export_snapshot()")]
    [InlineData("query_to_xml('select 1', true, true, '')")]
    [InlineData("dblink('host=x', 'select 1')")]
    public async Task What_PostgreSQL_has_left_over_is_unknown_to_every_user(string call)
    {
        await using var visitor = cluster.Bench.As("visitor", Cluster.Password);
        var quoted = $"\"{call.Replace("(", "\"(", StringComparison.Ordinal)}";
        foreach (var written in new[] { call, $"pg_catalog.{call}", quoted, $"pg_catalog.{quoted}" })
        {
            foreach (var user in new[] { visitor, cluster.Bench.Master })
            {
                var error = await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RunAsync(user, $"select {written}"));
                Assert.True(error.SqlState == "42883", $"{written}: {error.SqlState} {error.MessageText}");
                Assert.StartsWith("function ", error.MessageText, StringComparison.Ordinal);
                Assert.Contains(" does not exist", error.MessageText, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("listen mine", "0A000")]
    [InlineData("copy star.songs to program 'id'", "42601")]
    [InlineData("copy star.songs from program 'id'", "0A000")]
    [InlineData("copy (select 1) to '/tmp/mine'", "42601")]
    public async Task What_PostgreSQL_has_left_over_of_statements_is_refused(string sql, string state)
    {
        await using var visitor = cluster.Bench.As("visitor", Cluster.Password);
        var error = await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RunAsync(visitor, sql));
        Assert.True(error.SqlState == state, $"{error.SqlState}: {error.MessageText}");
    }

    [Fact]
    public async Task A_cluster_of_an_earlier_version_is_bounded_when_it_comes_back()
    {
        using var folder = new TempFolder();
        var state = Path.Combine(folder.Path, "simulator.json");
        string server, name;
        await using (var before = await SqlBench.StartAsync(o => o with { StateFile = state }))
        {
            (server, name) = (before.Server.Options.SqlBackend!, await before.BackendNameAsync());
        }

        await using var inside = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ConnectionString);
        await inside.OpenAsync();
        await inside.ExecuteAsync("drop table sim_internal.bounds; grant select on pg_database to public");

        await using var after = await SimulatorServer.StartAsync(
            new SimulatorOptions { Delays = SimulatorDelays.None, SqlBackend = server, StateFile = state });

        await Eventually.BecomesAsync(
            () => inside.ExecuteScalarAsync<bool>("select has_table_privilege('public', 'pg_catalog.pg_database', 'select')"),
            static may => !may, seconds: 20);
        await inside.ExecuteAsync("select count(*) from sim_internal.bounds");
    }

    /// <summary>A cluster with a user who reads, and that user's connection past the cluster's own door.</summary>
    public sealed class Cluster : IAsyncLifetime
    {
        internal const string Password = "Reporter1pass";
        private string _behind = "";

        internal SqlBench Bench { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Bench = await SqlBench.StartAsync();
            await Bench.RunAsync("create schema star");
            await Bench.RunAsync("create table star.songs (id int)");
            // One who comes past the door, whose password there is changed below, and one who comes through it.
            foreach (var user in new[] { "reporter", "visitor" })
            {
                await Bench.RunAsync($"create user {user} password '{Password}'");
                await Bench.RunAsync($"grant usage on schema star to {user}");
                await Bench.RunAsync($"grant select on star.songs to {user}");
            }

            var server = new NpgsqlConnectionStringBuilder(Bench.Server.Options.SqlBackend) { Pooling = false };
            var name = await Bench.BackendNameAsync();
            // Its password there is known to the simulator alone.
            await using var administrator = new NpgsqlConnection(server.ConnectionString);
            await administrator.ExecuteAsync($"alter role \"{name}_reporter\" password '{Password}'");
            (server.Database, server.Username, server.Password) = (name, $"{name}_reporter", Password);
            _behind = server.ConnectionString;
        }

        public async Task DisposeAsync() => await Bench.DisposeAsync();

        internal async Task<NpgsqlConnection> BehindAsync()
        {
            var connection = new NpgsqlConnection(_behind);
            await connection.OpenAsync();
            return connection;
        }
    }
}
