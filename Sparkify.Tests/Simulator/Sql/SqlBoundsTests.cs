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
        "pg_table_def", "pg_user", "stl_load_commits", "stl_load_errors", "stl_query", "svv_columns", "svv_table_info", "svv_tables", "sys_load_detail", "sys_load_error_detail", "sys_load_history", "sys_query_history",
        "sys_query_text", "sys_transaction_history",
    ];

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

        // By the cluster's own door too, whether its dialect knows such a thing or not.
        await using var door = cluster.Bench.As("reporter", Cluster.Password);
        await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RunAsync(door, sql));
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
            await Bench.RunAsync($"create user reporter password '{Password}'");
            await Bench.RunAsync("grant usage on schema star to reporter");
            await Bench.RunAsync("grant select on star.songs to reporter");
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
