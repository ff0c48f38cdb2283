using Sparkify.Core.Warehouses;
using Sparkify.Simulator;
using Sparkify.Tests.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>Tags of one's own, and an endpoint that knows no managed passwords.</summary>
public sealed class OwnTagsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Tags_AreOnEverythingThatIsMade_AreSetRight_AndTakenOff_AndOthersStay()
    {
        await using var bench = await RedshiftBench.StartAsync();
        using var door = bench.Door();
        var aws = door.Clients;
        var vpc = (await aws.Ec2.ListVpcsAsync(None)).First(static v => v.IsDefault).Id;
        bench.Settings = bench.Settings with
        {
            Subnets = [(await aws.Ec2.ListSubnetsAsync(vpc, None))[0].Id],
            FinalSnapshotDays = 7,
            Tags = new Dictionary<string, string> { ["team"] = "data", ["Cost centre"] = "4711/a" },
        };
        await bench.ProvisionAsync();
        foreach (var (what, tags) in await AllAsync())
        {
            Assert.True(tags.GetValueOrDefault("team") == "data" && tags.GetValueOrDefault("Cost centre") == "4711/a", what);
            Assert.Equal("music", tags["sparkify:warehouse"]);
        }

        Assert.All(await bench.PlanAsync(), static p => Assert.Equal(PlannedAction.None, p.Action));

        // Somebody else's, which nobody here takes off.
        await aws.Iam.TagRoleAsync(bench.Names.Role, new Dictionary<string, string> { ["theirs"] = "x" }, None);
        bench.Settings = bench.Settings with { Tags = new Dictionary<string, string> { ["team"] = "music" } };
        Assert.Equal(
            ["IAM role", "security group", "subnet group", "cluster"],
            (await bench.PlanAsync()).Where(static p => p.Action == PlannedAction.Change).Select(static p => p.Kind));
        var made = (await bench.ClusterAsync())!.Tags["sparkify:created"];
        await bench.ProvisionAsync();
        foreach (var (what, tags) in await AllAsync())
        {
            Assert.True(tags.GetValueOrDefault("team") == "music" && !tags.ContainsKey("Cost centre"), what);
        }

        Assert.Equal("x", (await aws.Iam.RoleTagsAsync(bench.Names.Role, None))["theirs"]);
        Assert.Equal(made, (await bench.ClusterAsync())!.Tags["sparkify:created"]);
        Assert.All(await bench.PlanAsync(), static p => Assert.Equal(PlannedAction.None, p.Action));

        await bench.TeardownAsync();
        var snapshot = Assert.Single(await aws.Redshift.ListSnapshotsAsync(bench.Names.Cluster, None));
        Assert.Equal(("music", "music"), (snapshot.Tags["team"], snapshot.Tags["sparkify:warehouse"]));
        Assert.Contains("kept: snapshot " + snapshot.Id, bench.Log, StringComparison.Ordinal);

        async Task<IReadOnlyList<(string What, IReadOnlyDictionary<string, string> Tags)>> AllAsync()
        {
            var cluster = (await bench.ClusterAsync())!;
            return
            [
                ("role", await aws.Iam.RoleTagsAsync(bench.Names.Role, None)),
                ("security group", (await aws.Ec2.FindSecurityGroupAsync(vpc, bench.Names.SecurityGroup, None))!.Tags),
                ("subnet group", (await aws.Redshift.FindSubnetGroupAsync(bench.Names.SubnetGroup, None))!.Tags),
                ("cluster", cluster.Tags),
                ("secret", await aws.Secrets.TagsAsync(cluster.SecretArn!, None)),
            ];
        }
    }

    [Fact]
    public async Task Tags_AsManyAsThereMayBe_AreExchangedForAsManyOthers()
    {
        await using var bench = await RedshiftBench.StartAsync();
        foreach (var letter in (string[])["a", "b"])
        {
            bench.Settings = bench.Settings with { Tags = Enumerable.Range(0, 45).ToDictionary(i => $"{letter}{i}", static _ => "") };
            await bench.ProvisionAsync();
            var tags = (await bench.ClusterAsync())!.Tags;
            Assert.Equal(
                bench.Settings.Tags.Keys.Order(),
                tags.Keys.Where(static k => !k.StartsWith("sparkify:", StringComparison.Ordinal)).Order());
        }

        // One more than a resource takes is refused there, whatever it has already.
        using var door = bench.Door();
        await Assert.ThrowsAsync<Sparkify.Core.Aws.AwsException>(() => door.Clients.Iam.TagRoleAsync(
            bench.Names.Role, Enumerable.Range(0, 10).ToDictionary(static i => $"theirs{i}", static _ => ""), None));
        Assert.DoesNotContain("theirs0", await door.Clients.Iam.RoleTagsAsync(bench.Names.Role, None));
    }

    [Fact]
    public async Task Tags_TakenOutOfTheSettings_AreTakenOffAfterAResumeThatComesBefore()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { Tags = new Dictionary<string, string> { ["team"] = "data" } };
        await bench.ProvisionAsync();
        bench.Settings = bench.Settings with { Tags = new Dictionary<string, string>() };
        await bench.PauseAsync();
        await bench.ResumeAsync();
        await bench.ProvisionAsync();
        using var door = bench.Door();
        Assert.DoesNotContain("team", await door.Clients.Iam.RoleTagsAsync(bench.Names.Role, None));
        Assert.DoesNotContain("team", (await bench.ClusterAsync())!.Tags);
    }

    [Fact]
    public async Task Tags_TakenOutWhileAProvisioningIsHalfDone_AreTakenOffWhatIsDone()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { Tags = new Dictionary<string, string> { ["team"] = "data" } };
        bench.Simulator.Faults.RefuseCapacity();
        await Assert.ThrowsAnyAsync<Exception>(() => bench.ProvisionAsync());

        // Role and network are done and stay so.
        bench.Settings = bench.Settings with { Tags = new Dictionary<string, string>() };
        await bench.ProvisionAsync(from: "cluster");
        using var door = bench.Door();
        Assert.DoesNotContain("team", await door.Clients.Iam.RoleTagsAsync(bench.Names.Role, None));
        Assert.All(await bench.PlanAsync(), static p => Assert.Equal(PlannedAction.None, p.Action));
    }

    [Fact]
    public async Task KeptSnapshot_ThatTakesNoTags_IsTold_KeepsNothingFromGoingOn_AndIsSetRightTheNextTime()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { FinalSnapshotDays = 7, Tags = new Dictionary<string, string> { ["team"] = "data" } };
        await bench.ProvisionAsync();
        await bench.TeardownAsync();
        bench.Settings = bench.Settings with { Tags = new Dictionary<string, string>() };
        bench.Simulator.Faults.RefuseNext("DeleteTags", "InvalidClusterSnapshotState", "The snapshot is busy.");
        await bench.ProvisionAsync();
        Assert.Contains("Warning The tags of the snapshot", bench.Log, StringComparison.Ordinal);
        Assert.Equal(WarehouseState.Available, bench.Journal.State);
        using var door = bench.Door();
        Assert.Contains("team", await TagsAsync());
        await bench.ProvisionAsync();
        Assert.DoesNotContain("team", await TagsAsync());

        async Task<IReadOnlyDictionary<string, string>> TagsAsync() =>
            Assert.Single(await door.Clients.Redshift.ListSnapshotsAsync(bench.Names.Cluster, None)).Tags;
    }

    [Theory]
    [InlineData("aws:x", "1", "begins with aws:")]
    [InlineData("AWS:x", "1", "begins with aws:")]
    [InlineData("Sparkify:owner", "1", "begins with sparkify:")]
    [InlineData(" ", "1", "A tag has a key")]
    [InlineData("a\"b", "1", "does not take")]
    [InlineData("a", "1\n2", "does not take")]
    [InlineData("a", "<b>", "does not take")]
    public void Tags_ThatAwsWouldRefuse_AreRefusedInWords(string key, string value, string says) => Assert.Contains(
        says, Assert.Single(new RedshiftSettings { Tags = new Dictionary<string, string> { [key] = value } }.Problems()),
        StringComparison.Ordinal);

    [Fact]
    public void Tags_TooManyTooLongOrTwice_AreRefusedInWords()
    {
        var many = Enumerable.Range(0, 46).ToDictionary(static i => $"k{i}", static _ => "");
        Assert.Contains("45 tags", Problem(many), StringComparison.Ordinal);
        Assert.Contains("has 129", Problem(new() { [new string('k', 129)] = "" }), StringComparison.Ordinal);
        Assert.Contains("has 257", Problem(new() { ["k"] = new string('v', 257) }), StringComparison.Ordinal);
        Assert.Contains("'Team' and 'team' differ in case only", Problem(new() { ["team"] = "", ["Team"] = "" }), StringComparison.Ordinal);
        Assert.Empty(new RedshiftSettings
        {
            Tags = Enumerable.Range(0, 45).ToDictionary(static i => $"Kostenstelle ü_.:/=+-@{i}", static _ => new string('v', 256)),
        }.Problems());

        static string Problem(Dictionary<string, string> tags) => Assert.Single(new RedshiftSettings { Tags = tags }.Problems());
    }

    [Theory]
    [InlineData(ManagedPasswords.Refused, "refuses a cluster whose master password it is to manage")]
    [InlineData(ManagedPasswords.Overlooked, "made the cluster without a managed master password")]
    public async Task Endpoint_WithoutManagedPasswords_IsTold_AndNothingIsLeft(ManagedPasswords managed, string says)
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Settings = bench.Settings with { FinalSnapshotDays = 7 };
        bench.Simulator.Faults.ManagedPasswords = managed;
        var error = await Assert.ThrowsAnyAsync<Exception>(() => bench.ProvisionAsync());
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("use it as a cluster you have, by its login", error.Message, StringComparison.Ordinal);
        Assert.Empty(await bench.LeftAsync());
        Assert.Empty(bench.Journal.Live);
    }

    [Fact]
    public async Task Endpoint_WithoutManagedPasswords_WhatAnEarlierRunMade_Stays()
    {
        await using var bench = await RedshiftBench.StartAsync();
        bench.Simulator.Faults.RefuseCapacity();
        await Assert.ThrowsAnyAsync<Exception>(() => bench.ProvisionAsync());
        var before = await bench.LeftAsync();
        Assert.Equal(2, before.Count); // a role and a security group
        bench.Run = 2;
        bench.Simulator.Faults.ManagedPasswords = ManagedPasswords.Overlooked;
        var error = await Assert.ThrowsAnyAsync<Exception>(() => bench.ProvisionAsync());
        Assert.Contains("made the cluster without a managed master password", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await bench.LeftAsync());
    }

    [Fact]
    public async Task ClusterOfAnEarlierRun_WhoseManagedPasswordSomebodyTookAway_IsNeverTakenBack()
    {
        await using var bench = await RedshiftBench.StartAsync();
        await bench.ProvisionAsync();
        bench.Run = 2;
        using (QueryDoor console = new(bench.Simulator))
        {
            await console.CallAsync("ModifyCluster", ("ClusterIdentifier", bench.Names.Cluster), ("ManageMasterPassword", "false"),
                ("MasterUserPassword", "Some1pass"));
        }

        await Eventually.BecomesAsync(bench.ClusterAsync, static c => c is { SecretArn: null, Status: "available" });
        await bench.ProvisionAsync();
        Assert.NotNull(await bench.ClusterAsync());
    }
}
