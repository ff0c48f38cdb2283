using System.Text.Json.Nodes;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>A warehouse on Redshift from plan to proof, when all goes well.</summary>
public sealed class RedshiftProvisionerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_plan_lists_every_resource_with_its_settings_and_the_price_and_creates_nothing()
    {
        await using var bench = await RedshiftBench.StartAsync();
        var plan = await bench.PlanAsync();
        Assert.Equal(["IAM role", "IAM policy", "security group", "ingress rule", "cluster"], plan.Select(p => p.Kind));
        Assert.All(plan, p => Assert.Equal(PlannedAction.Create, p.Action));
        Assert.Contains(
            "$0.543 an hour ($13.03 a day, $396 a month if left running; prices of 2026-10-01)", plan[4].Detail, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1/32 only", plan[3].Detail, StringComparison.Ordinal);
        Assert.Contains(
            "exactly s3://music/log-data/, s3://music/song-data/, s3://music/sparkify-staging/music/, s3://music/log_json_path.json",
            plan[1].Detail, StringComparison.Ordinal);
        Assert.Empty(await bench.LeftAsync());
        Assert.Empty(bench.Journal.Live);
    }

    [Fact]
    public async Task Provision_pause_resume_and_teardown_leave_nothing()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        var cluster = (await bench.ClusterAsync())!;
        Assert.Equal(("available", true, 1), (cluster.Status, cluster.Encrypted, cluster.Nodes));
        Assert.NotNull(cluster.SecretArn);
        Assert.Equal(("music", "ann"), (cluster.Tags["sparkify:warehouse"], cluster.Tags["sparkify:owner"]));
        Assert.Equal("in-sync", Assert.Single(cluster.Roles).Value);
        Assert.Equal(WarehouseState.Available, bench.Journal.State);
        Assert.Equal(5, bench.Journal.Live.Count());
        Assert.All(await bench.PlanAsync(), p => Assert.Equal(PlannedAction.None, p.Action));

        await bench.PauseAsync();
        Assert.Equal(WarehouseState.Paused, bench.Journal.State);
        await bench.ResumeAsync();
        Assert.Equal(WarehouseState.Available, bench.Journal.State);

        await bench.TeardownAsync();
        Assert.Empty(await bench.LeftAsync());
        Assert.Empty(bench.Journal.Live);
        Assert.Equal(WarehouseState.Removed, bench.Journal.State);
        Assert.Contains("0 left", bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_account_is_on_record_and_nothing_is_made_or_proven_gone_in_another()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        Assert.Equal("123456789012", bench.Journal.Account);

        bench.Journal.Account = "999999999999";
        foreach (var work in (Func<Task>[])[() => bench.ProvisionAsync(), bench.TeardownAsync])
        {
            var refused = await Assert.ThrowsAsync<SparkifyException>(work);
            Assert.Equal(ProblemKind.Conflict, refused.Kind);
            Assert.Contains(
                "owns resources in the account 999999999999, and this machine's own credentials would lead into the account 123456789012",
                refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal((5, WarehouseState.Available), (bench.Journal.Live.Count(), bench.Journal.State));
        Assert.Equal("available", (await bench.ClusterAsync())!.Status);
    }

    [Fact]
    public async Task The_role_is_for_this_account_and_reads_the_source_and_nothing_else()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        using var door = bench.Door();
        var role = (await door.Clients.Iam.FindRoleAsync(bench.Names.Role, None))!;
        Assert.Contains("\"aws:SourceAccount\":\"123456789012\"", role.TrustPolicy, StringComparison.Ordinal);
        Assert.Contains(":role/sparkify/", role.Arn, StringComparison.Ordinal);
        var policy = JsonNode.Parse((await door.Clients.Iam.FindRolePolicyAsync(bench.Names.Role, "read-source", None))!)!;
        Assert.Equal(
            """["arn:aws:s3:::music/log-data/*","arn:aws:s3:::music/log_json_path.json","arn:aws:s3:::music/song-data/*","arn:aws:s3:::music/sparkify-staging/music/*"]""",
            policy["Statement"]![0]!["Resource"]!.ToJsonString());
        Assert.DoesNotContain("\"s3:*\"", policy.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await door.Clients.Iam.ListAttachedRolePoliciesAsync(bench.Names.Role, None));
    }

    [Fact]
    public async Task A_teardown_empties_the_staging_folder_and_touches_nothing_beside_it()
    {
        await using var bench = await RedshiftBench.StartAsync();
        using var door = bench.Door();
        foreach (var key in (string[])["log-data/1.json", "sparkify-staging/music/4/events.manifest", "sparkify-staging/music/5/songs-1.gz", "sparkify-staging/music-2/1/keep"])
        {
            await door.Clients.S3.PutAsync(RedshiftBench.Bucket, key, new MemoryStream([1]), None);
        }

        await bench.ProvisionAsync();
        await bench.TeardownAsync();

        Assert.Equal(
            ["log-data/1.json", "sparkify-staging/music-2/1/keep"],
            (await door.Clients.S3.ListAsync(RedshiftBench.Bucket, "", None).ToListAsync()).Select(static i => i.Key));
        Assert.Contains("2 objects were", bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_staging_folder_that_may_not_be_looked_into_does_not_hold_up_the_teardown()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        bench.Simulator.Faults.Deny("ListObjectsV2");

        await bench.TeardownAsync();

        Assert.Empty(await bench.LeftAsync());
        Assert.Contains(
            "was not deleted: The staging location 's3://music/sparkify-staging/music/' may not be listed", bench.Log,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_last_snapshot_is_kept_for_the_days_asked_and_shown_as_kept()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { FinalSnapshotDays = 7 };
        await bench.ProvisionAsync();
        await bench.TeardownAsync();
        Assert.StartsWith("snapshot sparkify-music-", Assert.Single(await bench.LeftAsync()), StringComparison.Ordinal);
        Assert.Contains("Kept on purpose: snapshot", bench.Log, StringComparison.Ordinal);
        Assert.Contains("kept 7 days", bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_made_is_neither_touched_nor_used()
    {
        await using var bench = await RedshiftBench.StartAsync();
        using (var door = bench.Door())
        {
            await door.Clients.Iam.CreateRoleAsync(new NewRole(bench.Names.Role, """{"Statement":[]}""", "theirs", new Dictionary<string, string>()), None);
        }

        var error = await Assert.ThrowsAnyAsync<SparkifyException>(bench.PlanAsync);
        Assert.Equal(ProblemKind.Conflict, error.Kind);
        Assert.Contains("did not make", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<SparkifyException>(() => bench.ProvisionAsync());
        await bench.TeardownAsync();
        Assert.Equal([$"role {bench.Names.Role}"], await bench.LeftAsync());
    }

    [Fact]
    public async Task Drift_is_planned_and_set_right()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        using var door = bench.Door();
        var (aws, names) = (door.Clients, bench.Names);
        var vpc = (await aws.Ec2.ListVpcsAsync(None))[0].Id;
        var group = (await aws.Ec2.FindSecurityGroupAsync(vpc, names.SecurityGroup, None))!;
        await aws.Ec2.AuthorizeIngressAsync(group.Id, new IngressRule("tcp", 5439, 5439, "0.0.0.0/0", "oops"), None);
        await aws.Iam.UpdateTrustPolicyAsync(names.Role, """{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}""", None);
        await aws.Iam.DeleteRolePolicyAsync(names.Role, "read-source", None);

        var plan = await bench.PlanAsync();
        Assert.Equal(
            [PlannedAction.Change, PlannedAction.Create, PlannedAction.None, PlannedAction.Change, PlannedAction.None],
            plan.Select(p => p.Action));
        await bench.ProvisionAsync();
        Assert.All(await bench.PlanAsync(), p => Assert.Equal(PlannedAction.None, p.Action));
        Assert.Equal("127.0.0.1/32", Assert.Single((await aws.Ec2.FindSecurityGroupAsync(vpc, names.SecurityGroup, None))!.Ingress).Source);
    }

    [Fact]
    public async Task A_group_opened_to_a_prefix_list_is_closed_again_and_the_plan_names_the_list()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        using var door = bench.Door();
        var (ec2, name) = (door.Clients.Ec2, bench.Names.SecurityGroup);
        var vpc = (await ec2.ListVpcsAsync(None))[0].Id;
        var group = (await ec2.FindSecurityGroupAsync(vpc, name, None))!;
        IngressRule office = new(
            "tcp", 5439, 5439, "pl-0123456789abcdef0", "the office"), neighbour = new("tcp", 5439, 5439, "10.1.0.0/16", "a neighbour");
        await ec2.AuthorizeIngressAsync(group.Id, neighbour, None);
        Assert.All(await bench.PlanAsync(), p => Assert.Equal(PlannedAction.None, p.Action));
        await ec2.AuthorizeIngressAsync(group.Id, office, None);
        await ec2.AuthorizeIngressAsync(group.Id, office with { Source = "0.0.0.0/0" }, None);

        var plan = Assert.Single(await bench.PlanAsync(), p => p.Action != PlannedAction.None);
        Assert.Equal((PlannedAction.Change, "ingress rule"), (plan.Action, plan.Kind));
        Assert.EndsWith(
            "To be changed: it lets in the whole world and the prefix list pl-0123456789abcdef0 (provisioning closes that)", plan.Detail,
            StringComparison.Ordinal);

        await bench.ProvisionAsync();
        Assert.All(await bench.PlanAsync(), p => Assert.Equal(PlannedAction.None, p.Action));
        Assert.Equal(["10.1.0.0/16", "127.0.0.1/32"], (await ec2.FindSecurityGroupAsync(vpc, name, None))!.Ingress.Select(r => r.Source)
            .Order());
    }

    [Fact]
    public async Task Subnets_of_ones_own_get_a_group_and_it_goes_with_the_rest()
    {
        await using var bench = await RedshiftBench.StartAsync();
        using var door = bench.Door();
        var vpc = (await door.Clients.Ec2.ListVpcsAsync(None))[0].Id;
        bench.Settings = bench.Settings with
        {
            Subnets = [(
            await door.Clients.Ec2.ListSubnetsAsync(vpc, None))[0].Id],
            Reach = ClusterReach.Private
        };
        await bench.ProvisionAsync();
        Assert.Equal(bench.Names.SubnetGroup, (await bench.ClusterAsync())!.SubnetGroup);
        Assert.False((await bench.ClusterAsync())!.PubliclyAccessible);
        await bench.TeardownAsync();
        Assert.Null(await door.Clients.Redshift.FindSubnetGroupAsync(bench.Names.SubnetGroup, None));
    }

    [Theory]
    [InlineData("dc2.large", 1, "cannot be ordered in us-west-2. There are: ra3.16xlarge")]
    [InlineData("rg.xlarge", 1, "take at least 2 nodes")]
    public async Task Preflight_says_what_cannot_be_ordered_and_what_can(string nodeType, int nodes, string sentence)
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { NodeType = nodeType, Nodes = nodes };
        Assert.Contains(sentence, (await Assert.ThrowsAnyAsync<SparkifyException>(bench.PlanAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_says_that_a_bucket_is_not_there()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Warehouse = bench.Warehouse with
        {
            Source = new LocationSource(
            "s3://no-such-bucket/log/", "s3://no-such-bucket/song/", Simulated: true)
        };
        Assert.Contains("There is no bucket no-such-bucket", (await Assert.ThrowsAnyAsync<SparkifyException>(
            bench.PlanAsync)).Message, StringComparison.Ordinal);
    }
}
