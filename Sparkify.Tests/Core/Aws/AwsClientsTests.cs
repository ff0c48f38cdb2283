using System.Text;
using Sparkify.Core.Aws;
using Sparkify.Simulator;

namespace Sparkify.Tests.Core.Aws;

/// <summary>Our clients against the simulator: what goes in comes out again, over all pages.</summary>
public sealed class AwsClientsTests : IAsyncLifetime
{
    private const string Policy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}""";
    private const string Trust = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static readonly Dictionary<string, string> Tags = new(
        StringComparer.Ordinal)
    { ["sparkify:warehouse"] = "w", ["owner"] = "Ann & Bob <é+/=>" };
    private static readonly CancellationToken None = CancellationToken.None;
    private SimulatorServer _simulator = null!;
    private AwsTestClients _door = null!;

    private AwsClients Aws => _door.Clients;

    public async Task InitializeAsync()
    {
        _simulator = await SimulatorServer.StartAsync(new SimulatorOptions
        {
            Delays = SimulatorDelays.None,
            Quotas = new SimulatorQuotas { Clusters = 500, Nodes = 1000, SecurityGroups = 2000 },
        });
        _door = AwsTestClients.To(_simulator);
    }

    public async Task DisposeAsync()
    {
        _door.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Sts_says_who_is_calling()
    {
        var me = await Aws.Sts.WhoAmIAsync(None);
        Assert.Equal("123456789012", me.Account);
        Assert.True(Aws.Simulated);
        Assert.Equal("us-west-2", Aws.Region);
    }

    [Fact]
    public async Task A_role_lives_from_create_to_delete()
    {
        var created = await Aws.Iam.CreateRoleAsync(new NewRole("r", Trust, "a role", Tags), None);
        var found = await Aws.Iam.FindRoleAsync("r", None);
        Assert.NotNull(found);
        Assert.Equal((created.Arn, Trust), (found.Arn, found.TrustPolicy));
        AssertTags(found.Tags);
        AssertTags(await Aws.Iam.RoleTagsAsync("r", None));

        await Aws.Iam.PutRolePolicyAsync("r", "read", Policy, None);
        Assert.Equal(Policy, await Aws.Iam.FindRolePolicyAsync("r", "read", None));
        Assert.Equal(["read"], await Aws.Iam.ListRolePoliciesAsync("r", None));
        Assert.Null(await Aws.Iam.FindRolePolicyAsync("r", "other", None));
        Assert.Equal(AwsFault.Conflict, (await Assert.ThrowsAsync<AwsException>(() => Aws.Iam.DeleteRoleAsync("r", None))).Fault);
        await Aws.Iam.DeleteRolePolicyAsync("r", "read", None);
        await Aws.Iam.DeleteRoleAsync("r", None);
        Assert.Null(await Aws.Iam.FindRoleAsync("r", None));
    }

    [Fact]
    public async Task Roles_are_listed_over_all_pages()
    {
        foreach (var n in Enumerable.Range(0, 130))
        {
            await Aws.Iam.CreateRoleAsync(new NewRole($"r{n:000}", Trust, "", Tags), None);
        }

        Assert.Equal(130, (await Aws.Iam.ListRolesAsync(null, None)).Count);
    }

    [Fact]
    public async Task A_security_group_opens_and_closes_its_ways_in()
    {
        var vpc = (await Aws.Ec2.ListVpcsAsync(None)).Single(v => v.IsDefault);
        Assert.Equal(3, (await Aws.Ec2.ListSubnetsAsync(vpc.Id, None)).Count);
        Assert.Contains("us-west-2", await Aws.Ec2.ListRegionsAsync(None));
        var id = await Aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("g", "a group", vpc.Id, Tags), None);
        IngressRule[] rules =
        [
            new("tcp", 5439, 5439, "203.0.113.7/32", "me"), new(
                "tcp", 5439, 5439, "2001:db8::1/128", "me too"), new("tcp", 5439, 5439, id, "itself"),
            new("tcp", 5439, 5439, "pl-0123456789abcdef0", "the office"),
        ];
        foreach (var rule in rules)
        {
            await Aws.Ec2.AuthorizeIngressAsync(id, rule, None);
        }

        var again = await Assert.ThrowsAsync<AwsException>(() => Aws.Ec2.AuthorizeIngressAsync(id, rules[0], None));
        Assert.Equal((AwsFault.Conflict, "InvalidPermission.Duplicate"), (again.Fault, again.Code));
        var found = await Aws.Ec2.FindSecurityGroupAsync(vpc.Id, "g", None);
        Assert.Equal(rules.OrderBy(r => r.Source), found!.Ingress.OrderBy(r => r.Source));
        Assert.Equal(id, Assert.Single(await Aws.Ec2.ListSecurityGroupsAsync("sparkify:warehouse", "w", None)).Id);
        Assert.Empty(await Aws.Ec2.ListSecurityGroupsAsync("sparkify:warehouse", "other", None));

        foreach (var rule in rules)
        {
            await Aws.Ec2.RevokeIngressAsync(id, rule, None);
        }

        await Aws.Ec2.DeleteSecurityGroupAsync(id, None);
        Assert.Null(await Aws.Ec2.FindSecurityGroupAsync(vpc.Id, "g", None));
    }

    [Fact]
    public async Task Security_groups_are_listed_over_all_pages()
    {
        var vpc = (await Aws.Ec2.ListVpcsAsync(None))[0].Id;
        foreach (var n in Enumerable.Range(0, 1003))
        {
            await Aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup($"g{n}", "a group", vpc, Tags), None);
        }

        var all = await Aws.Ec2.ListSecurityGroupsAsync("sparkify:warehouse", "w", None);
        Assert.Equal(1003, all.Select(g => g.Id).Distinct(StringComparer.Ordinal).Count());
        AssertTags(all[^1].Tags);
    }

    [Fact]
    public async Task A_prefix_list_that_is_none_is_refused()
    {
        var vpc = (await Aws.Ec2.ListVpcsAsync(None))[0].Id;
        var id = await Aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("g", "a group", vpc, Tags), None);
        var error = await Assert.ThrowsAsync<AwsException>(
            () => Aws.Ec2.AuthorizeIngressAsync(id, new IngressRule("tcp", 5439, 5439, "pl-office"), None));
        Assert.Equal((AwsFault.Missing, "InvalidPrefixListID.NotFound"), (error.Fault, error.Code));
    }

    [Fact]
    public async Task A_cluster_lives_from_create_to_delete()
    {
        var role = await Aws.Iam.CreateRoleAsync(new NewRole("r", Trust, "", Tags), None);
        await Aws.Redshift.CreateClusterAsync(Cluster("c") with { Roles = [role.Arn] }, None);
        var found = await Aws.Redshift.FindClusterAsync("c", None);
        Assert.Equal(("available", "Available", 1, true), (found!.Status, found.Availability, found.Nodes, found.Encrypted));
        Assert.Equal("in-sync", found.Roles[role.Arn]);
        AssertTags(found.Tags);
        Assert.Equal("admin", (await Aws.Secrets.GetLoginAsync(found.SecretArn!, None)).User);
        Assert.Single(await Aws.Secrets.ListAsync("redshift!c", None));

        await Aws.Redshift.PauseClusterAsync("c", None);
        Assert.Equal("paused", (await Aws.Redshift.FindClusterAsync("c", None))!.Status);
        await Aws.Redshift.ResumeClusterAsync("c", None);
        await Aws.Redshift.ChangeRolesAsync("c", [], [role.Arn], None);
        Assert.Empty((await Aws.Redshift.FindClusterAsync("c", None))!.Roles);

        await Aws.Redshift.DeleteClusterAsync("c", new FinalSnapshot("last", 7), None);
        Assert.Null(await Aws.Redshift.FindClusterAsync("c", None));
        Assert.False(await Aws.Secrets.ExistsAsync(found.SecretArn!, None));
        var snapshot = Assert.Single(await Aws.Redshift.ListSnapshotsAsync("c", None));
        Assert.Equal(("last", 7), (snapshot.Id, snapshot.RetentionDays));
        await Aws.Redshift.DeleteSnapshotAsync("last", None);
        Assert.Empty(await Aws.Redshift.ListSnapshotsAsync(null, None));
    }

    [Fact]
    public async Task Clusters_are_listed_over_all_pages_and_by_tag()
    {
        foreach (var n in Enumerable.Range(0, 104))
        {
            await Aws.Redshift.CreateClusterAsync(Cluster($"c{n}") with { Tags = n % 2 == 0 ? Tags : Cluster("x").Tags }, None);
        }

        Assert.Equal(104, (await Aws.Redshift.ListClustersAsync(null, null, None)).Count);
        Assert.Equal(104, (await Aws.Redshift.ListClustersAsync("sparkify:warehouse", "w", None)).Count);
        Assert.Empty(await Aws.Redshift.ListClustersAsync("sparkify:warehouse", "other", None));
    }

    [Fact]
    public async Task Subnet_groups_and_node_types_are_known()
    {
        var vpc = (await Aws.Ec2.ListVpcsAsync(None))[0];
        var subnets = await Aws.Ec2.ListSubnetsAsync(vpc.Id, None);
        await Aws.Redshift.CreateSubnetGroupAsync("n", "a subnet group", [.. subnets.Select(s => s.Id)], Tags, None);
        var found = await Aws.Redshift.FindSubnetGroupAsync("n", None);
        Assert.Equal((vpc.Id, 3), (found!.VpcId, found.Subnets.Count));
        Assert.Single(await Aws.Redshift.ListSubnetGroupsAsync("sparkify:warehouse", "w", None));
        await Aws.Redshift.DeleteSubnetGroupAsync("n", None);
        Assert.Null(await Aws.Redshift.FindSubnetGroupAsync("n", None));

        var nodes = await Aws.Redshift.ListOrderableAsync(None);
        Assert.Contains(new OrderableNode("ra3.large", SingleNode: true, MultiNode: true), nodes);
        Assert.DoesNotContain(nodes, n => n.NodeType.StartsWith("dc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Objects_are_written_listed_over_all_pages_and_read_from_any_byte()
    {
        _simulator.CreateBucket("data");
        foreach (var n in Enumerable.Range(0, 1005))
        {
            using var small = new MemoryStream(Encoding.UTF8.GetBytes($"{n}"));
            await Aws.S3.PutAsync("data", $"song data/{n % 3}/é{n:0000}.json", small, None);
        }

        // Large enough for the SDK to sign it piece by piece.
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        using var large = new MemoryStream(content);
        await Aws.S3.PutAsync("data", "large", large, None);

        var items = await Aws.S3.ListAsync("data", "song data/", None).ToListAsync();
        Assert.Equal(1005, items.Count);
        Assert.Equal(items.Select(i => i.Key).Order(StringComparer.Ordinal), items.Select(i => i.Key));
        var (folders, objects) = await Aws.S3.BrowseAsync("data", "", None);
        Assert.Equal(["song data/"], folders);
        Assert.Equal(("large", 300_000), (objects[0].Key, objects[0].Size));

        await using var opened = await Aws.S3.OpenAsync("data", "large", 299_990, null, None);
        using var rest = new MemoryStream();
        await opened.Content.CopyToAsync(rest);
        Assert.Equal(content[^10..], rest.ToArray());
        Assert.Equal("us-west-2", await Aws.S3.FindBucketRegionAsync("data", None));
        Assert.Null(await Aws.S3.FindBucketRegionAsync("none-such", None));
        var missing = await Assert.ThrowsAsync<AwsException>(() => Aws.S3.OpenAsync("data", "none", 0, null, None));
        Assert.Equal((AwsFault.Missing, "NoSuchKey"), (missing.Fault, missing.Code));
    }

    [Fact]
    public async Task Tags_are_added_to_what_is_there()
    {
        Dictionary<string, string> more = new(StringComparer.Ordinal) { ["cost"] = "42" };
        await Aws.Iam.CreateRoleAsync(new NewRole("r", Trust, "", Tags), None);
        await Aws.Iam.TagRoleAsync("r", more, None);
        Assert.Equal("42", (await Aws.Iam.RoleTagsAsync("r", None))["cost"]);
        var vpc = (await Aws.Ec2.ListVpcsAsync(None))[0].Id;
        await Aws.Ec2.TagAsync(await Aws.Ec2.CreateSecurityGroupAsync(new NewSecurityGroup("g", "g", vpc, Tags), None), more, None);
        Assert.Single(await Aws.Ec2.ListSecurityGroupsAsync("cost", "42", None));
        await Aws.Redshift.CreateClusterAsync(Cluster("c"), None);
        await Aws.Redshift.TagAsync("arn:aws:redshift:us-west-2:123456789012:cluster:c", more, None);
        Assert.Equal(3, (await Aws.Redshift.FindClusterAsync("c", None))!.Tags.Count);
    }

    [Fact]
    public async Task A_temporary_login_ends_by_itself_and_hides_its_password()
    {
        await Aws.Redshift.CreateClusterAsync(Cluster("c"), None);
        var login = await Aws.Redshift.GetLoginAsync("c", "loader", "dev", TimeSpan.FromMinutes(20), None);
        Assert.Equal("IAM:loader", login.User);
        Assert.InRange(login.ExpiresAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(18), TimeSpan.FromMinutes(21));
        Assert.DoesNotContain(login.Password, login.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(login.Password, _door.Logs.All, StringComparison.Ordinal);
    }

    private static void AssertTags(IReadOnlyDictionary<string, string> found)
        => Assert.Equal(Tags.OrderBy(t => t.Key, StringComparer.Ordinal), found.OrderBy(t => t.Key, StringComparer.Ordinal));

    private static NewCluster Cluster(string id) =>
        new() { Id = id, NodeType = "ra3.large", Nodes = 1, Database = "dev", MasterUser = "admin", Tags = Tags };
}
