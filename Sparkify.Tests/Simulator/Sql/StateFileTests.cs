using System.Globalization;
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
            using var iam = new QueryDoor(server, "iam");
            await iam.CallAsync("CreatePolicy", ("PolicyName", "own"), ("PolicyDocument", """{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"""));
            using var ec2 = new QueryDoor(server, "ec2");
            await ec2.CallAsync("RevokeSecurityGroupEgress", ("GroupId", await DefaultGroupAsync(ec2)), ("IpPermissions.1.IpProtocol", "-1"),
                ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"));
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
            using var iam = new QueryDoor(server, "iam");
            await iam.CallAsync("AttachRolePolicy", ("RoleName", "loader"), ("PolicyArn", $"arn:aws:iam::{server.Options.Account}:policy/own"));
            using var ec2 = new QueryDoor(server, "ec2");
            var group = await ec2.CallAsync("DescribeSecurityGroups", ("GroupId.1", await DefaultGroupAsync(ec2)));
            Assert.Empty(group.Descendants("ipPermissionsEgress").Single().Elements());
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
    public async Task What_an_earlier_version_left_opens_as_it_was()
    {
        using var folder = new TempFolder();
        var state = Path.Combine(folder.Path, "state.json");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Simulator", "earlier_state.json"), state);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));
        await using (var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Clock = clock, Delays = SimulatorDelays.None, StateFile = state }))
        {
            using var redshift = new QueryDoor(server);
            var cluster = (await redshift.CallAsync("DescribeClusters")).Descendants("Cluster").Single();
            Assert.Equal(("kept", "paused", "default.redshift-2.0", "-1"), (cluster.Element("ClusterIdentifier")!.Value,
                cluster.Element("ClusterStatus")!.Value, cluster.Descendants("ParameterGroupName").Single().Value,
                cluster.Element("ManualSnapshotRetentionPeriod")!.Value));
            Assert.Equal("available", (await redshift.CallAsync("DescribeClusterSnapshots")).Descendants("Status").Single().Value);
            await redshift.CallAsync("ResumeCluster", ("ClusterIdentifier", "kept"));
            await redshift.CallAsync("ModifyCluster", ("ClusterIdentifier", "kept"), ("PubliclyAccessible", "true"));
            using var iam = new QueryDoor(server, "iam");
            await iam.CallAsync("DetachRolePolicy", ("RoleName", "loader"), ("PolicyArn", "arn:aws:iam::123456789012:policy/mine"));
        }

        await using (var server = await SimulatorServer.StartAsync(new SimulatorOptions
        { Clock = clock, Delays = SimulatorDelays.None, StateFile = state, SqlBackend = await SharedPostgres.NewDatabaseAsync() }))
        {
            using var redshift = new QueryDoor(server);
            var cluster = (await redshift.CallAsync("DescribeClusters")).Descendants("Cluster").Single();
            Assert.Equal(("available", "true"), (cluster.Element("ClusterStatus")!.Value, cluster.Element("PubliclyAccessible")!.Value));
            var (_, code, message) = await redshift.RefusedAsync(
                "RestoreFromClusterSnapshot", ("ClusterIdentifier", "again"), ("SnapshotIdentifier", "last"));
            Assert.Equal("InvalidClusterSnapshotState", code);
            Assert.Contains("kept no data", message, StringComparison.Ordinal);
            await redshift.CallAsync("DeleteCluster", ("ClusterIdentifier", "kept"), ("SkipFinalClusterSnapshot", "true"));
        }
    }

    [Fact]
    public async Task A_snapshot_and_what_is_restored_from_it_survive_a_restart()
    {
        using var folder = new TempFolder();
        var state = Path.Combine(folder.Path, "state.json");
        var backend = await SharedPostgres.NewDatabaseAsync();
        SimulatorOptions Options() => new() { Delays = SimulatorDelays.None, SqlBackend = backend, StateFile = state };
        await using (var server = await SimulatorServer.StartAsync(Options()))
        {
            using var redshift = new QueryDoor(server);
            await redshift.CallAsync("CreateCluster", ("ClusterIdentifier", "c"), ("NodeType", "ra3.large"), ("ClusterType", "single-node"),
                ("MasterUsername", "admin"), ("MasterUserPassword", "Passw0rdx"));
            await using (var source = await SourceAsync(redshift, "c"))
            {
                await SqlBench.RunAsync(source, "create table kept as select 42 as answer");
            }

            // Stopped at once, whether the copy is made by then or not.
            await redshift.CallAsync("CreateClusterSnapshot", ("ClusterIdentifier", "c"), ("SnapshotIdentifier", "s"));
        }

        await using (var server = await SimulatorServer.StartAsync(Options()))
        {
            using var redshift = new QueryDoor(server);
            await Eventually.BecomesAsync(() => redshift.CallAsync("DescribeClusterSnapshots"),
                answer => answer.Descendants("Status").Single().Value == "available");
            await redshift.CallAsync("RestoreFromClusterSnapshot", ("ClusterIdentifier", "d"), ("SnapshotIdentifier", "s"));
        }

        await using (var server = await SimulatorServer.StartAsync(Options()))
        {
            using var redshift = new QueryDoor(server);
            await using (var source = await SourceAsync(redshift, "d"))
            {
                Assert.Equal(42, await SqlBench.ScalarAsync(source, "select answer from kept"));
            }

            await redshift.CallAsync("DeleteClusterSnapshot", ("SnapshotIdentifier", "s"));
            await redshift.CallAsync("DeleteCluster", ("ClusterIdentifier", "c"), ("SkipFinalClusterSnapshot", "true"));
            await redshift.CallAsync("DeleteCluster", ("ClusterIdentifier", "d"), ("SkipFinalClusterSnapshot", "true"));
        }

        static async Task<NpgsqlDataSource> SourceAsync(QueryDoor redshift, string id)
        {
            var endpoint = (await redshift.CallAsync("DescribeClusters", ("ClusterIdentifier", id))).Descendants("Endpoint").Single();
            return NpgsqlDataSource.Create(SqlBench.ConnectionString(
                int.Parse(endpoint.Element("Port")!.Value, CultureInfo.InvariantCulture), "admin", "Passw0rdx"));
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

    private static async Task<string> DefaultGroupAsync(QueryDoor ec2) =>
        (await ec2.CallAsync("DescribeSecurityGroups", ("GroupName.1", "default"))).Descendants("groupId").First().Value;
}
