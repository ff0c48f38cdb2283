using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>A simulator that is started again finds everything as it was left.</summary>
public sealed class StateFileTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Cluster_data_users_role_bucket_and_waits_survive_a_restart()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider();
        var state = Path.Combine(folder.Path, "state.json");
        var backend = await SharedPostgres.NewDatabaseAsync();
        var delays = SimulatorDelays.None with { Creating = TimeSpan.FromMinutes(5), Deleting = TimeSpan.FromMinutes(5) };
        SimulatorOptions Options() => new() { Clock = clock, Delays = delays, SqlBackend = backend, StateFile = state };
        string connection;
        await using (var server = await SimulatorServer.StartAsync(Options()))
        {
            using var door = AwsTestClients.To(server);
            await door.Clients.Redshift.CreateClusterAsync(
                new NewCluster { Id = "c", NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = "admin" }, None);
            await door.Clients.Iam.CreateRoleAsync(new NewRole("loader", """{"Statement":[]}""", "", new Dictionary<string, string> { ["a"] = "b" }), None);
            server.CreateBucket("lake");
            using var content = new MemoryStream("{}"u8.ToArray());
            await door.Clients.S3.PutAsync("lake", "a/b.json", content, None);
            clock.Advance(TimeSpan.FromMinutes(3));
        }

        await using (var server = await SimulatorServer.StartAsync(Options()))
        {
            using var door = AwsTestClients.To(server);
            Assert.Equal("creating", (await door.Clients.Redshift.FindClusterAsync("c", None))!.Status);
            clock.Advance(TimeSpan.FromMinutes(2));
            var cluster = (await door.Clients.Redshift.FindClusterAsync("c", None))!;
            Assert.Equal("available", cluster.Status);
            Assert.Equal("b", (await door.Clients.Iam.RoleTagsAsync("loader", None))["a"]);
            Assert.Equal(1, await door.Clients.S3.ListAsync("lake", "a/", None).CountAsync());
            var login = await door.Clients.Secrets.GetLoginAsync(cluster.SecretArn!, None);
            connection = SqlBench.ConnectionString(cluster.Port!.Value, "admin", login.Password) + ";Pooling=false";
            await using var source = NpgsqlDataSource.Create(connection);
            await SqlBench.RunAsync(source, "create table kept as select 42 as answer");
            await SqlBench.RunAsync(source, "create user reporter password 'Reporter1pass'");
            await SqlBench.RunAsync(source, "grant select on kept to reporter");
        }

        await using (var server = await SimulatorServer.StartAsync(Options()))
        {
            using var door = AwsTestClients.To(server);
            var reporter = new NpgsqlConnectionStringBuilder(connection)
            {
                Port = (await door.Clients.Redshift.FindClusterAsync("c", None))!.Port!.Value,
                Username = "reporter",
                Password = "Reporter1pass",
            };
            await using var source = NpgsqlDataSource.Create(reporter.ConnectionString);
            Assert.Equal(42, await SqlBench.ScalarAsync(source, "select answer from kept"));
            await door.Clients.Redshift.DeleteClusterAsync("c", null, None);
            clock.Advance(TimeSpan.FromMinutes(5));
            Assert.Null(await door.Clients.Redshift.FindClusterAsync("c", None));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(state));
        }
    }

    [Fact]
    public async Task A_file_that_is_none_is_named()
    {
        using var folder = new TempFolder();
        var state = folder.Write("state.json", "nonsense");
        var error = await Assert.ThrowsAsync<InvalidDataException>(
            () => SimulatorServer.StartAsync(new SimulatorOptions { StateFile = state }));
        Assert.Contains(state, error.Message, StringComparison.Ordinal);
    }
}
