using System.Xml.Linq;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Simulator;

namespace Sparkify.Tests.Simulator;

/// <summary>What the simulated Redshift can do beyond what the application asks of it, word for word on the wire.</summary>
public sealed class RedshiftActionsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private SimulatorServer _server = null!;
    private QueryDoor _door = null!;

    public async Task InitializeAsync()
    {
        _server = await SimulatorServer.StartAsync(new SimulatorOptions { Clock = _clock });
        _door = new QueryDoor(_server);
    }

    public async Task DisposeAsync()
    {
        _door.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Names_are_kept_in_lower_case_and_found_in_any()
    {
        await CreateAsync("My-Cluster");
        Assert.Equal("my-cluster", Text(await ShowAsync("MY-CLUSTER"), "ClusterIdentifier"));
        Assert.Equal("ClusterAlreadyExists", (await _door.RefusedAsync("CreateCluster", Wanted("my-CLUSTER"))).Code);
        var subnet = await new QueryDoor(_server, "ec2").CallAsync("DescribeSubnets");
        await _door.CallAsync("CreateClusterSubnetGroup", ("ClusterSubnetGroupName", "Mine"), ("Description", "d"),
            ("SubnetIds.SubnetIdentifier.1", subnet.Descendants("subnetId").First().Value));
        Assert.Equal("mine", Text(await _door.CallAsync("DescribeClusterSubnetGroups", ("ClusterSubnetGroupName", "MINE")), "ClusterSubnetGroupName"));
        Assert.Equal((404, "ClusterNotFound", "Cluster other not found."), await _door.RefusedAsync("DescribeClusters", ("ClusterIdentifier", "OTHER")));
    }

    [Theory]
    [InlineData("dc2.large", "InvalidParameterValue", "Invalid node type: dc2.large")]
    [InlineData("dc2.8xlarge", "InvalidParameterValue", "Invalid node type: dc2.8xlarge")]
    [InlineData("ds2.xlarge", "NumberOfNodesQuotaExceeded", "You do not have access to node type ds2.xlarge. Choose another node type")]
    public async Task Node_types_that_are_gone_are_refused_in_awss_words(string nodeType, string code, string message) =>
        Assert.Equal((400, code, message), await _door.RefusedAsync(
            "CreateCluster", [.. Wanted("c").Where(p => p.Name != "NodeType"), ("NodeType", nodeType)]));

    [Fact]
    public async Task A_cluster_shows_its_nodes_once_it_is_there()
    {
        Assert.Empty((await CreateAsync("one")).Descendants("ClusterNodes"));
        await CreateAsync("three", ("ClusterType", "multi-node"), ("NumberOfNodes", 3), ("PubliclyAccessible", "true"));
        _clock.Advance(_server.Options.Delays.Creating);
        Assert.Equal(["SHARED"], (await ShowAsync("one")).Descendants("NodeRole").Select(n => n.Value));
        var nodes = (await ShowAsync("three")).Descendants("ClusterNodes").Single().Elements("member").ToList();
        Assert.Equal(["LEADER", "COMPUTE-0", "COMPUTE-1", "COMPUTE-2"], nodes.Select(n => n.Element("NodeRole")!.Value));
        Assert.Equal(4, nodes.Select(n => n.Element("PrivateIPAddress")!.Value).Distinct().Count());
        Assert.All(nodes, n => Assert.StartsWith("203.0.113.", n.Element("PublicIPAddress")!.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_resize_takes_its_time_and_needs_both_its_figures()
    {
        await CreateAsync("c");
        Assert.Equal("InvalidClusterState", (await _door.RefusedAsync("ModifyCluster", C, ("PubliclyAccessible", "true"))).Code);
        _clock.Advance(_server.Options.Delays.Creating);
        Assert.Equal("InvalidParameterCombination", (await _door.RefusedAsync("ModifyCluster", C, ("NumberOfNodes", 4))).Code);
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync("ModifyCluster", C, ("NodeType", "dc2.large"), ("NumberOfNodes", 2))).Code);
        Assert.Equal("UnsupportedOptionFault", (await _door.RefusedAsync("ModifyCluster", C, ("NewClusterIdentifier", "d"))).Code);
        var begun = await _door.CallAsync("ModifyCluster", C, ("NodeType", "ra3.xlplus"), ("NumberOfNodes", 2), ("ClusterType", "multi-node"));
        Assert.Equal(("resizing", "ra3.large", "1"), (Text(begun, "ClusterStatus"), begun.Descendants("Cluster").Single().Element("NodeType")!.Value,
            begun.Descendants("Cluster").Single().Element("NumberOfNodes")!.Value));
        var pending = begun.Descendants("PendingModifiedValues").Single();
        Assert.Equal(("ra3.xlplus", "2"), (pending.Element("NodeType")!.Value, pending.Element("NumberOfNodes")!.Value));
        Assert.Equal("InvalidClusterState", (await _door.RefusedAsync("RebootCluster", C)).Code);
        Assert.Equal("InvalidClusterState", (await _door.RefusedAsync("DeleteCluster", C, ("SkipFinalClusterSnapshot", "true"))).Code);
        _clock.Advance(_server.Options.Delays.Resizing);
        var done = await ShowAsync("c");
        Assert.Equal(("available", "ra3.xlplus", "2"), (Text(done, "ClusterStatus"), Text(done, "NodeType"), Text(done, "NumberOfNodes")));
        Assert.Empty(done.Descendants("PendingModifiedValues").Single().Elements());
    }

    [Fact]
    public async Task Password_groups_and_retention_are_modified()
    {
        await CreateAsync("c");
        _clock.Advance(_server.Options.Delays.Creating);
        var secret = Text(await ShowAsync("c"), "MasterPasswordSecretArn");
        Assert.Equal("InvalidParameterCombination", (await _door.RefusedAsync("ModifyCluster", C, ("MasterUserPassword", "Other1pass"))).Code);
        Assert.Equal("InvalidParameterCombination", (await _door.RefusedAsync("ModifyCluster", C, ("ManageMasterPassword", "false"))).Code);
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync(
            "ModifyCluster", C, ("ManageMasterPassword", "false"), ("MasterUserPassword", "weak"))).Code);
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync(
            "ModifyCluster", C, ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-none"))).Code);
        Assert.Equal("InvalidRetentionPeriodFault", (await _door.RefusedAsync("ModifyCluster", C, ("ManualSnapshotRetentionPeriod", 0))).Code);
        Assert.Equal("ClusterParameterGroupNotFound", (await _door.RefusedAsync("ModifyCluster", C, ("ClusterParameterGroupName", "none"))).Code);

        var begun = await _door.CallAsync("ModifyCluster", C, ("ManageMasterPassword", "false"), ("MasterUserPassword", "Other1pass"),
            ("AutomatedSnapshotRetentionPeriod", 7), ("ManualSnapshotRetentionPeriod", 30), ("PubliclyAccessible", "true"));
        Assert.Equal(("modifying", "****", "7", "30"), (Text(begun, "ClusterStatus"), Text(begun, "MasterUserPassword"),
            Text(begun, "AutomatedSnapshotRetentionPeriod"), Text(begun, "ManualSnapshotRetentionPeriod")));
        _clock.Advance(_server.Options.Delays.Modifying);
        var done = await ShowAsync("c");
        Assert.Equal("available", Text(done, "ClusterStatus"));
        Assert.Equal("true", done.Descendants("PubliclyAccessible").Single().Value);
        Assert.Empty(done.Descendants("MasterPasswordSecretArn"));

        await _door.CallAsync("ModifyCluster", C, ("ManageMasterPassword", "true"));
        _clock.Advance(_server.Options.Delays.Modifying);
        Assert.NotEqual(secret, Text(await ShowAsync("c"), "MasterPasswordSecretArn"));
    }

    [Fact]
    public async Task Parameters_count_from_the_next_reboot_on()
    {
        (string, object) group = ("ParameterGroupName", "Slow");
        Assert.Equal(["default.redshift-2.0"], (await _door.CallAsync("DescribeClusterParameterGroups")).Descendants("ParameterGroupName").Select(n => n.Value));
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync(
            "CreateClusterParameterGroup", group, ("ParameterGroupFamily", "redshift-9"), ("Description", "d"))).Code);
        (string, object)[] create = [group, ("ParameterGroupFamily", "redshift-2.0"), ("Description", "d"), ("Tags.Tag.1.Key", "a"), ("Tags.Tag.1.Value", "b")];
        Assert.Equal("slow", Text(await _door.CallAsync("CreateClusterParameterGroup", create), "ParameterGroupName"));
        Assert.Equal("ClusterParameterGroupAlreadyExists", (await _door.RefusedAsync("CreateClusterParameterGroup", create)).Code);
        Assert.Equal("parametergroup", Text(await _door.CallAsync("DescribeTags", ("ResourceType", "parametergroup")), "ResourceType"));

        await CreateAsync("c");
        _clock.Advance(_server.Options.Delays.Creating);
        Assert.Equal(("default.redshift-2.0", "in-sync"), await AppliedAsync());
        await _door.CallAsync("ModifyCluster", C, ("ClusterParameterGroupName", "SLOW"));
        Assert.Equal(("slow", "pending-reboot"), await AppliedAsync());
        Assert.Equal("rebooting", Text(await _door.CallAsync("RebootCluster", C), "ClusterStatus"));
        _clock.Advance(_server.Options.Delays.Rebooting);
        Assert.Equal(("slow", "in-sync"), await AppliedAsync());

        (string, object)[] change =
            [group, ("Parameters.Parameter.1.ParameterName", "statement_timeout"), ("Parameters.Parameter.1.ParameterValue", 60000)];
        Assert.StartsWith("Your parameter group has been updated.",
            Text(await _door.CallAsync("ModifyClusterParameterGroup", change), "ParameterGroupStatus"), StringComparison.Ordinal);
        Assert.Equal(("slow", "pending-reboot"), await AppliedAsync());
        var changed = (await _door.CallAsync("DescribeClusterParameters", group, ("Source", "user"))).Descendants("Parameter").Single();
        Assert.Equal(("statement_timeout", "60000"), (changed.Element("ParameterName")!.Value, changed.Element("ParameterValue")!.Value));
        await _door.CallAsync("ResetClusterParameterGroup", group, ("ResetAllParameters", "true"));
        Assert.Empty((await _door.CallAsync("DescribeClusterParameters", group, ("Source", "user"))).Descendants("Parameter"));
        Assert.Contains((await _door.CallAsync("DescribeDefaultClusterParameters", ("ParameterGroupFamily", "redshift-2.0")))
            .Descendants("ParameterName"), n => n.Value == "wlm_json_configuration");

        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync("ModifyClusterParameterGroup", group,
            ("Parameters.Parameter.1.ParameterName", "work_mem"), ("Parameters.Parameter.1.ParameterValue", 1))).Code);
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync("ModifyClusterParameterGroup", group,
            ("Parameters.Parameter.1.ParameterName", "require_ssl"), ("Parameters.Parameter.1.ParameterValue", "maybe"))).Code);
        Assert.Equal("InvalidClusterParameterGroupState", (await _door.RefusedAsync("DeleteClusterParameterGroup", group)).Code);
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync(
            "DeleteClusterParameterGroup", ("ParameterGroupName", "default.redshift-2.0"))).Code);
        await _door.CallAsync("ModifyCluster", C, ("ClusterParameterGroupName", "default.redshift-2.0"));
        await _door.CallAsync("DeleteClusterParameterGroup", group);
        Assert.Equal((404, "ClusterParameterGroupNotFound", "ParameterGroup not found: slow"),
            await _door.RefusedAsync("DescribeClusterParameters", group));
    }

    [Fact]
    public async Task Snapshots_are_listed_filtered_and_refused_and_go_when_their_days_are_over()
    {
        await CreateAsync("c", ("Tags.Tag.1.Key", "owner"), ("Tags.Tag.1.Value", "me"));
        (string, object)[] snapshot = [C, ("SnapshotIdentifier", "Before"), ("ManualSnapshotRetentionPeriod", 2)];
        Assert.Equal("InvalidClusterState", (await _door.RefusedAsync("CreateClusterSnapshot", snapshot)).Code);
        _clock.Advance(_server.Options.Delays.Creating);
        var begun = await _door.CallAsync("CreateClusterSnapshot", snapshot);
        Assert.Equal(("before", "creating", "2"), (Text(begun, "SnapshotIdentifier"), Text(begun, "Status"), Text(begun, "ManualSnapshotRetentionPeriod")));
        Assert.Equal("ClusterSnapshotAlreadyExists", (await _door.RefusedAsync("CreateClusterSnapshot", snapshot)).Code);
        Assert.Equal("ClusterNotFound", (await _door.RefusedAsync(
            "CreateClusterSnapshot", ("ClusterIdentifier", "d"), ("SnapshotIdentifier", "x"))).Code);
        _clock.Advance(_server.Options.Delays.Snapshot);
        Assert.Equal("available", Text(await _door.CallAsync("DescribeClusterSnapshots", ("ClusterIdentifier", "C")), "Status"));
        Assert.Equal("InvalidParameterCombination", (await _door.RefusedAsync("DescribeClusterSnapshots", C, ("SnapshotIdentifier", "before"))).Code);
        Assert.Empty((await _door.CallAsync("DescribeClusterSnapshots", ("EndTime", "2026-03-01T12:00:01Z"))).Descendants("Snapshot"));
        Assert.Empty((await _door.CallAsync("DescribeClusterSnapshots", ("SnapshotType", "automated"))).Descendants("Snapshot"));

        Assert.Equal("ClusterSnapshotNotFound", (await _door.RefusedAsync(
            "RestoreFromClusterSnapshot", ("ClusterIdentifier", "d"), ("SnapshotIdentifier", "none"))).Code);
        Assert.Equal("ClusterAlreadyExists", (await _door.RefusedAsync("RestoreFromClusterSnapshot", C, ("SnapshotIdentifier", "before"))).Code);
        Assert.Equal("InvalidParameterCombination", (await _door.RefusedAsync("RestoreFromClusterSnapshot", ("ClusterIdentifier", "d"))).Code);
        var restored = await _door.CallAsync("RestoreFromClusterSnapshot", ("ClusterIdentifier", "D"), ("SnapshotIdentifier", "before"),
            ("NodeType", "ra3.xlplus"), ("NumberOfNodes", 2));
        Assert.Equal(("d", "creating", "ra3.xlplus", "2", "admin", "me"), (Text(restored, "ClusterIdentifier"), Text(restored, "ClusterStatus"),
            Text(restored, "NodeType"), Text(restored, "NumberOfNodes"), Text(restored, "MasterUsername"), Text(restored, "Value")));

        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal((404, "ClusterSnapshotNotFound", "Snapshot before not found."), await _door.RefusedAsync(
            "DeleteClusterSnapshot", ("SnapshotIdentifier", "before")));
    }

    [Fact]
    public async Task What_happened_is_told_by_source_and_time()
    {
        await CreateAsync("c");
        _clock.Advance(_server.Options.Delays.Creating);
        await _door.CallAsync("RebootCluster", C);
        _clock.Advance(_server.Options.Delays.Rebooting);
        await _door.CallAsync("CreateClusterSnapshot", C, ("SnapshotIdentifier", "s"));
        Assert.Equal(["REDSHIFT-EVENT-2000", "REDSHIFT-EVENT-3000", "REDSHIFT-EVENT-2009"], await IdsAsync());
        Assert.Equal(["REDSHIFT-EVENT-2000", "REDSHIFT-EVENT-3000"], await IdsAsync(("SourceIdentifier", "C"), ("SourceType", "cluster")));
        Assert.Equal(["REDSHIFT-EVENT-3000", "REDSHIFT-EVENT-2009"], await IdsAsync(("StartTime", "2026-03-01T12:00:21Z")));
        var first = (await _door.CallAsync("DescribeEvents")).Descendants("Event").First();
        Assert.Equal(("cluster", "management", "INFO", "Cluster c created at 2026-03-01 12:00 UTC."), (first.Element("SourceType")!.Value,
            first.Descendants("EventCategory").Single().Value, first.Element("Severity")!.Value, first.Element("Message")!.Value));
        Assert.Equal("InvalidParameterCombination", (await _door.RefusedAsync("DescribeEvents", ("SourceIdentifier", "c"))).Code);
        Assert.Equal("InvalidParameterValue", (await _door.RefusedAsync("DescribeEvents", ("SourceType", "node"))).Code);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Empty(await IdsAsync());
        Assert.Equal(3, (await IdsAsync(("Duration", 300))).Length);
        _clock.Advance(TimeSpan.FromDays(15));
        Assert.Empty(await IdsAsync(("Duration", 60 * 24 * 30)));
    }

    [Fact]
    public async Task Only_policies_there_are_can_be_attached()
    {
        using var iam = new QueryDoor(_server, "iam");
        (string, object) role = ("RoleName", "r");
        await iam.CallAsync("CreateRole", role, ("AssumeRolePolicyDocument", """{"Statement":[]}"""));
        await iam.CallAsync("AttachRolePolicy", role, ("PolicyArn", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"));
        await iam.CallAsync("AttachRolePolicy", role, ("PolicyArn", "arn:aws:iam::aws:policy/service-role/AmazonDMSRedshiftS3Role"));
        Assert.Equal((404, "NoSuchEntity", "Policy arn:aws:iam::aws:policy/AmazonS3ReadAccess does not exist or is not attachable."),
            await iam.RefusedAsync("AttachRolePolicy", role, ("PolicyArn", "arn:aws:iam::aws:policy/AmazonS3ReadAccess")));
        Assert.Equal("NoSuchEntity", (await iam.RefusedAsync("AttachRolePolicy", role, ("PolicyArn", "arn:aws:iam::123456789012:policy/mine"))).Code);
        Assert.Equal("InvalidInput", (await iam.RefusedAsync("AttachRolePolicy", role, ("PolicyArn", "AmazonS3ReadOnlyAccess"))).Code);
        Assert.Equal("PolicyNotAttachable", (await iam.RefusedAsync("AttachRolePolicy", role,
            ("PolicyArn", "arn:aws:iam::aws:policy/aws-service-role/AmazonRedshiftServiceLinkedRolePolicy"))).Code);
        Assert.Equal(2, (await iam.CallAsync("ListAttachedRolePolicies", role)).Descendants("PolicyArn").Count());
    }

    private static (string Name, object Value) C => ("ClusterIdentifier", "c");

    private static (string Name, object Value)[] Wanted(string id) =>
        [("ClusterIdentifier", id), ("NodeType", "ra3.large"), ("ClusterType", "single-node"), ("MasterUsername", "admin"), ("ManageMasterPassword", "true")];

    private Task<XElement> CreateAsync(string id, params (string Name, object Value)[] more) => _door.CallAsync(
        "CreateCluster", [.. Wanted(id).Where(p => !more.Any(m => m.Name == p.Name)), .. more]);

    private Task<XElement> ShowAsync(string id) => _door.CallAsync("DescribeClusters", ("ClusterIdentifier", id));

    private async Task<(string, string)> AppliedAsync()
    {
        var cluster = await ShowAsync("c");
        return (Text(cluster, "ParameterGroupName"), Text(cluster, "ParameterApplyStatus"));
    }

    private async Task<string[]> IdsAsync(params (string, object)[] filters) =>
        [.. (await _door.CallAsync("DescribeEvents", filters)).Descendants("EventId").Select(n => n.Value)];

    private static string Text(XElement answer, string name) => answer.Descendants(name).First().Value;
}
