using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>Snapshots hold the data of a cluster, and what is restored from them has it again, with users and their rights.</summary>
public sealed class SqlSnapshotTests
{
    [Fact]
    public async Task What_is_restored_has_the_data_users_and_rights_of_the_snapshots_moment()
    {
        await using var bench = await SqlBench.StartAsync();
        using var door = new QueryDoor(bench.Server);
        await bench.RunAsync("create schema star");
        await bench.RunAsync("create table star.songs (id int not null distkey, title varchar(40)) sortkey (id)");
        await bench.RunAsync("insert into star.songs values (1, 'One'), (2, 'Two')");
        await bench.RunAsync("create view star.titles as select title from star.songs");
        await bench.RunAsync("create table star.secret (id int)");
        await bench.RunAsync("create user reporter password 'Reporter1pass'");
        await bench.RunAsync("create user loader password 'Loader1pass'");
        await bench.RunAsync("create group readers with user reporter");
        await bench.RunAsync("grant usage on schema star to group readers");
        await bench.RunAsync("grant select on star.songs to group readers");
        await bench.RunAsync("grant all on schema star to loader");
        await bench.RunAsync("alter table star.songs owner to loader");
        await bench.RunAsync("alter default privileges in schema star grant select on tables to reporter");

        await SnapshotAsync(door, "before");
        // Sessions that did nothing were ended for it.
        bench.Master.Clear();
        await bench.RunAsync("insert into star.songs values (3, 'Three')");
        await door.CallAsync(
            "RestoreFromClusterSnapshot", ("ClusterIdentifier", "again"), ("SnapshotIdentifier", "before"));
        var password = new NpgsqlConnectionStringBuilder(bench.Connection).Password!;
        var port = await PortAsync(door, "again");

        await using var master = Source(port, "admin", password);
        Assert.Equal(2L, await SqlBench.ScalarAsync(master, "select count(*) from star.songs"));
        Assert.Equal(3L, await bench.ScalarAsync("select count(*) from star.songs"));
        Assert.Equal("One", await SqlBench.ScalarAsync(master, "select min(title) from star.titles"));
        Assert.Equal("loader", await SqlBench.ScalarAsync(master, "select tableowner from pg_tables where tablename = 'songs'"));
        Assert.Equal(3L, await SqlBench.ScalarAsync(master, "select count(*) from pg_user where usename in ('admin', 'loader', 'reporter')"));
        Assert.Equal("KEY(id)", await SqlBench.ScalarAsync(master, "select diststyle from svv_table_info where \"table\" = 'songs'"));
        Assert.Equal(0L, await SqlBench.ScalarAsync(master, "select count(*) from sys_query_history where query_text like 'create schema%'"));

        await using var reporter = Source(port, "reporter", "Reporter1pass");
        Assert.Equal("reporter", await SqlBench.ScalarAsync(reporter, "select current_user"));
        Assert.Equal(2L, await SqlBench.ScalarAsync(reporter, "select count(*) from star.songs"));
        Assert.Equal("42501", await StateAsync(reporter, "select * from star.secret"));
        await SqlBench.RunAsync(master, "create table star.later as select 1 as one");
        Assert.Equal(1, await SqlBench.ScalarAsync(reporter, "select one from star.later"));
        await using var loader = Source(port, "loader", "Loader1pass");
        await SqlBench.RunAsync(loader, "drop view if exists star.none");
        await SqlBench.RunAsync(loader, "alter table star.songs add column year int");

        // Neither knows of the other: what one loses the other keeps.
        Assert.Equal("2BP01", await StateAsync(master, "drop user loader"));
        await door.CallAsync("DeleteCluster", ("ClusterIdentifier", "c"), ("SkipFinalClusterSnapshot", "true"));
        Assert.Null(await bench.Aws.Redshift.FindClusterAsync("c", CancellationToken.None));
        Assert.Equal(2L, await SqlBench.ScalarAsync(reporter, "select count(*) from star.songs"));
        Assert.Equal("42703", await StateAsync(reporter, "select nothing from star.songs"));
    }

    [Fact]
    public async Task A_final_snapshot_outlives_its_cluster_and_can_be_restored_twice_with_another_password()
    {
        await using var bench = await SqlBench.StartAsync();
        using var door = new QueryDoor(bench.Server);
        await bench.RunAsync("create table kept as select 42 as answer");
        await bench.RunAsync("alter user admin password 'Changed1pass'");
        await door.CallAsync("DeleteCluster", ("ClusterIdentifier", "c"), ("FinalClusterSnapshotIdentifier", "Last"),
            ("FinalClusterSnapshotRetentionPeriod", 3));
        await AvailableAsync(door, "last");
        Assert.Null(await bench.Aws.Redshift.FindClusterAsync("c", CancellationToken.None));

        await door.CallAsync("RestoreFromClusterSnapshot", ("ClusterIdentifier", "C"), ("SnapshotIdentifier", "LAST"));
        await door.CallAsync("RestoreFromClusterSnapshot", ("ClusterIdentifier", "d"), ("ManageMasterPassword", "true"),
            ("SnapshotArn", "arn:aws:redshift:us-west-2:123456789012:snapshot:c/last"));

        await using var c = Source(await PortAsync(door, "c"), "admin", "Changed1pass");
        Assert.Equal(42, await SqlBench.ScalarAsync(c, "select answer from kept"));
        var secret = (await bench.ClusterAsync("d")).SecretArn!;
        var managed = (await bench.Aws.Secrets.GetLoginAsync(secret, CancellationToken.None)).Password;
        await using var d = Source(await PortAsync(door, "d"), "admin", managed);
        Assert.Equal(42, await SqlBench.ScalarAsync(d, "select answer from kept"));
        await using var old = Source(await PortAsync(door, "d"), "admin", "Changed1pass");
        Assert.Equal("28000", await StateAsync(old, "select 1"));
        Assert.Null((await bench.ClusterAsync("c")).SecretArn);
    }

    [Fact]
    public async Task A_snapshot_waits_for_what_runs_and_leaves_nothing_behind_when_it_is_deleted()
    {
        using var folder = new TempFolder();
        var state = Path.Combine(folder.Path, "state.json");
        await using var bench = await SqlBench.StartAsync(o => o with { StateFile = state });
        using var door = new QueryDoor(bench.Server);
        await bench.RunAsync("create table t (id int)");
        await using (var connection = await bench.Master.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var insert = new NpgsqlCommand("insert into t values (1)", connection, transaction);
            await insert.ExecuteNonQueryAsync();
            await door.CallAsync("CreateClusterSnapshot", ("ClusterIdentifier", "c"), ("SnapshotIdentifier", "s"));
            Assert.Equal("creating", await StatusAsync(door, "s"));
            Assert.Equal("InvalidClusterSnapshotState", (await door.RefusedAsync("DeleteClusterSnapshot", ("SnapshotIdentifier", "s"))).Code);
            Assert.Equal("InvalidClusterSnapshotState", (await door.RefusedAsync(
                "RestoreFromClusterSnapshot", ("ClusterIdentifier", "d"), ("SnapshotIdentifier", "s"))).Code);
            await transaction.CommitAsync();
        }

        await AvailableAsync(door, "s");
        await door.CallAsync("RestoreFromClusterSnapshot", ("ClusterIdentifier", "d"), ("SnapshotIdentifier", "s"));
        await using (var restored = Source(await PortAsync(door, "d"), "admin",
            new NpgsqlConnectionStringBuilder(bench.Connection).Password!))
        {
            Assert.Equal(1L, await SqlBench.ScalarAsync(restored, "select count(*) from t"));
        }

        await using var server = NpgsqlDataSource.Create(bench.Server.Options.SqlBackend!);
        using var saved = JsonDocument.Parse(await File.ReadAllTextAsync(state));
        var key = saved.RootElement.GetProperty("Regions")[0].GetProperty("Snapshots")[0].GetProperty("Key").GetString()!;
        Assert.Equal(2L, await LeftAsync(server, key));
        await door.CallAsync("DeleteClusterSnapshot", ("SnapshotIdentifier", "s"));
        Assert.Equal("ClusterSnapshotNotFound", (await door.RefusedAsync("DescribeClusterSnapshots", ("SnapshotIdentifier", "s"))).Code);
        await Eventually.BecomesAsync(() => LeftAsync(server, key), left => left == 0L);
    }

    private static async Task SnapshotAsync(QueryDoor door, string id)
    {
        await door.CallAsync("CreateClusterSnapshot", ("ClusterIdentifier", "c"), ("SnapshotIdentifier", id));
        await AvailableAsync(door, id);
    }

    private static Task<string> AvailableAsync(QueryDoor door, string id) =>
        Eventually.BecomesAsync(() => StatusAsync(door, id), status => status == "available");

    private static async Task<string> StatusAsync(QueryDoor door, string id) => (await door.CallAsync(
        "DescribeClusterSnapshots", ("SnapshotIdentifier", id))).Descendants("Status").Single().Value;

    private static async Task<int> PortAsync(QueryDoor door, string id)
    {
        XElement cluster = await door.CallAsync("DescribeClusters", ("ClusterIdentifier", id));
        Assert.Equal("available", cluster.Descendants("ClusterStatus").Single().Value);
        return int.Parse(cluster.Descendants("Endpoint").Single().Element("Port")!.Value, CultureInfo.InvariantCulture);
    }

    private static NpgsqlDataSource Source(int port, string user, string password) =>
        NpgsqlDataSource.Create(SqlBench.ConnectionString(port, user, password).Replace("Pooling=true", "Pooling=false",
            StringComparison.Ordinal));

    private static async Task<string> StateAsync(NpgsqlDataSource source, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RunAsync(source, sql))).SqlState;

    // The database of a snapshot and its roles.
    private static async Task<long> LeftAsync(NpgsqlDataSource server, string key) => (long)(await SqlBench.ScalarAsync(server,
        $"select count(*) from (select datname from pg_database union all select rolname from pg_roles) n where datname like 'sim_{key}%'"))!;
}
