using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Aws;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>What people decide about warehouses on Redshift beside their runs, by HTTP.</summary>
public sealed class RedshiftDecisionsTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private SimulatedApp _bench = null!;

    public async Task InitializeAsync() => _bench = await SimulatedApp.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Drift_AGroupDeletedBehindOurBack_IsMissing_CanBeForgottenOrMadeAgain()
    {
        await ProvisionAsync();
        var (group, name) = await DeleteClusterAndGroupAsync();

        Assert.Equal(("missing", "recreate,forget"), await DriftAsync("security group"));
        Assert.Equal(("missing", "recreate,forget"), await DriftAsync("cluster"));
        Assert.Equal(HttpStatusCode.Conflict, (await DecideAsync("security group", name, "adopt")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync("security group", name, "forget")).StatusCode);
        Assert.Equal(("notThere", "recreate"), await DriftAsync("security group"));

        var started = await DecideAsync("cluster", await ClusterAsync(), "recreate");
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var run = await _bench.App.EndAsync((await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Equal(("inStep", ""), await DriftAsync("security group"));
        Assert.NotNull(group);
    }

    [Fact]
    public async Task Drift_ARecreatedCluster_IsEmpty_SoNothingIsPublishedAnyMore()
    {
        await ProvisionAsync();
        await _bench.App.Services.GetRequiredService<IWarehouseJournal>()
            .PublishedAsync("cloud", 1, putBackBy: null, [], new PlayCounts(1, 1, 0, 0, 1, 0), newestEvent: null, None);
        Assert.Equal(1, (await _bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("publishedRun").GetInt64());
        await _bench.Aws.Redshift.DeleteClusterAsync(await ClusterAsync(), null, None);
        await Eventually.BecomesAsync(() => DriftAsync("cluster"), drift => drift.State == "missing");
        var pause = await _bench.App.RunAsync("cloud", RunKind.Pause);
        Assert.Contains("is not there any more: someone deleted it", pause.Error, StringComparison.Ordinal);

        Assert.Equal(RunState.Succeeded, (await _bench.App.RunAsync("cloud", RunKind.Provision)).State);

        var warehouse = await _bench.GetAsync("/api/v1/warehouses/cloud");
        Assert.Equal(("available", JsonValueKind.Null), (warehouse.GetProperty("state").GetString(), warehouse.GetProperty(
            "publishedRun").ValueKind));
    }

    [Fact]
    public async Task Drift_AForgottenCluster_LeavesADescriptionThatCanBeProvisionedAgain()
    {
        await ProvisionAsync();
        await _bench.Aws.Redshift.DeleteClusterAsync(await ClusterAsync(), null, None);
        await Eventually.BecomesAsync(() => DriftAsync("cluster"), drift => drift.State == "missing");

        Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync("cluster", await ClusterAsync(), "forget")).StatusCode);
        Assert.Equal("defined", (await _bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("state").GetString());
        Assert.Equal(("notThere", ""), await DriftAsync("cluster"));
    }

    [Fact]
    public async Task Drift_ARoleThatLostItsTags_IsNotOurs_UntilItIsAdoptedAgain()
    {
        await ProvisionAsync();
        var role = (await _bench.GetAsync("/api/v1/warehouses/cloud/drift"))[0].GetProperty("name").GetString()!;
        var tags = await _bench.Aws.Iam.RoleTagsAsync(role, None);
        await _bench.Aws.Iam.TagRoleAsync(role, tags.ToDictionary(t => t.Key, _ => "another"), None);

        Assert.Equal(("notOurs", "adopt,forget"), await DriftAsync("IAM role"));
        Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync("IAM role", role, "adopt")).StatusCode);
        Assert.Equal(("inStep", ""), await DriftAsync("IAM role"));
        Assert.Equal("cloud", (await _bench.Aws.Iam.RoleTagsAsync(role, None))["sparkify:warehouse"]);
    }

    [Fact]
    public async Task Adoption_SetsTheTagsRight_AndTakesOffWhatTheSettingsNoLongerAskFor()
    {
        await ProvisionAsync();
        await PatchAsync(new { redshift = new { tags = new { team = "data" } } });
        Assert.Equal(RunState.Succeeded, (await _bench.App.RunAsync("cloud", RunKind.Provision)).State);
        await PatchAsync(new { redshift = new { tags = new { } } });
        var group = Assert.Single(await _bench.Aws.Ec2.ListSecurityGroupsAsync("sparkify:warehouse", "cloud", None));
        var cluster = (await _bench.Aws.Redshift.FindClusterAsync(await ClusterAsync(), None))!;
        Assert.Equal(("data", "data"), (group.Tags["team"], cluster.Tags["team"]));
        var another = new Dictionary<string, string> { ["sparkify:store"] = "another" };
        await _bench.Aws.Ec2.TagAsync(group.Id, another, None);
        var arn = (await _bench.GetAsync("/api/v1/warehouses/cloud/drift")).EnumerateArray()
            .Single(static p => p.GetProperty("kind").GetString() == "cluster").GetProperty("arn").GetString()!;
        await _bench.Aws.Redshift.TagAsync(arn, another, None);

        foreach (var (kind, name) in new[] { ("security group", group.Name), ("cluster", cluster.Id) })
        {
            Assert.Equal(("notOurs", "adopt,forget"), await DriftAsync(kind));
            Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync(kind, name, "adopt")).StatusCode);
            Assert.Equal(("inStep", ""), await DriftAsync(kind));
        }

        Assert.DoesNotContain(
            "team", Assert.Single(await _bench.Aws.Ec2.ListSecurityGroupsAsync("sparkify:warehouse", "cloud", None)).Tags);
        Assert.DoesNotContain("team", (await _bench.Aws.Redshift.FindClusterAsync(cluster.Id, None))!.Tags);
    }

    [Fact]
    public async Task Drift_ASizeThatIsNotWhatWasAskedFor_IsTakenAsItIs()
    {
        await ProvisionAsync();
        await PatchAsync(new { redshift = new { nodes = 2 } });

        Assert.Equal(("changed", "adopt"), await DriftAsync("cluster"));
        Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync("cluster", await ClusterAsync(), "adopt")).StatusCode);
        Assert.Equal(("inStep", ""), await DriftAsync("cluster"));
        Assert.Equal(1, (await _bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("redshift").GetProperty("nodes").GetInt32());
    }

    [Fact]
    public async Task Drift_AGroupOpenedToAPrefixList_SaysWhichAndIsSetRight()
    {
        await ProvisionAsync();
        var group = Assert.Single(await _bench.Aws.Ec2.ListSecurityGroupsAsync("sparkify:warehouse", "cloud", None));
        await _bench.Aws.Ec2.AuthorizeIngressAsync(
            group.Id, new IngressRule("tcp", 5439, 5439, "pl-0123456789abcdef0", "the office"), None);

        Assert.Equal(("changed", "recreate"), await DriftAsync("ingress rule"));
        var told = (await _bench.GetAsync("/api/v1/warehouses/cloud/drift")).EnumerateArray()
            .Single(d => d.GetProperty("kind").GetString() == "ingress rule");
        Assert.Equal("it lets in the prefix list pl-0123456789abcdef0 (provisioning closes that)", told.GetProperty("detail").GetString());

        Assert.Equal(RunState.Succeeded, (await _bench.App.RunAsync("cloud", RunKind.Provision)).State);
        Assert.Equal(("inStep", ""), await DriftAsync("ingress rule"));
    }

    [Fact]
    public async Task Patch_ChangesWhatIsGiven_AndNothingElse()
    {
        await _bench.CreateAsync("cloud", new { owner = "ann", nodes = 1 });
        var changed = await PatchAsync(new { redshift = new { idleLimit = "04:00:00", whenIdle = "teardown", finalSnapshotDays = 7 } });
        var redshift = changed.GetProperty("redshift");
        Assert.Equal(("ann", "04:00:00", "teardown", 7), (
            redshift.GetProperty("owner").GetString(), redshift.GetProperty("idleLimit").GetString(), redshift.GetProperty("whenIdle")
                .GetString(), redshift.GetProperty("finalSnapshotDays").GetInt32()));

        var refused = await _bench.Http.PatchAsJsonAsync("/api/v1/warehouses/cloud", new { redshift = new { idleLimits = "04:00:00" } });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        refused = await _bench.Http.PatchAsJsonAsync("/api/v1/warehouses/cloud", new { redshift = new { idleLimit = "00:01:00" } });
        Assert.Contains("at least 15 minutes", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Guard_Kept_PutsItsTimeOff_AlsoAfterARestart()
    {
        await ProvisionAsync();
        var before = (await _bench.GetAsync("/api/v1/warehouses/cloud/guard")).GetProperty("at").GetDateTimeOffset();
        var kept = await _bench.Http.PostAsJsonAsync("/api/v1/warehouses/cloud/guard", new { hours = 2 });
        var after = (await kept.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("at").GetDateTimeOffset();
        Assert.Equal(before.AddHours(2), after);

        await _bench.RestartAsync();
        var guard = await _bench.GetAsync("/api/v1/warehouses/cloud/guard");
        Assert.Equal((after, "pause"), (guard.GetProperty("at").GetDateTimeOffset(), guard.GetProperty("action").GetString()));
        Assert.Equal(HttpStatusCode.BadRequest, (await _bench.Http.PostAsJsonAsync(
            "/api/v1/warehouses/cloud/guard", new { hours = -1 })).StatusCode);
    }

    [Fact]
    public async Task Teardown_WithASnapshotChosen_KeepsItForTheDaysChosen()
    {
        await ProvisionAsync();
        await PatchAsync(new { redshift = new { finalSnapshotDays = 30 } });
        var down = await _bench.App.RunAsync("cloud", RunKind.Teardown);
        Assert.StartsWith(
            "0 left; kept: snapshot sparkify-cloud-", down.Steps[^1].Message, StringComparison.Ordinal);
        Assert.Equal(30, Assert.Single(await _bench.Aws.Redshift.ListSnapshotsAsync(null, None)).RetentionDays);
        Assert.Equal("snapshot", (await _bench.GetAsync("/api/v1/warehouses/cloud/teardown")).GetProperty("keeps")[0].GetProperty("kind")
            .GetString());
    }

    [Fact]
    public async Task Offers_AreReadLive_WithAPriceEach()
    {
        var offers = await _bench.GetAsync("/api/v1/redshift/offers?simulated=true");
        Assert.Equal(("123456789012", "127.0.0.1/32", true), (
            offers.GetProperty("account").GetString(), offers.GetProperty("callerRange").GetString(), offers.GetProperty("nodesAreLive")
                .GetBoolean()));
        var large = offers.GetProperty("nodes").EnumerateArray().Single(n => n.GetProperty("nodeType").GetString() == "ra3.large");
        Assert.Equal(0.543m, large.GetProperty("price").GetProperty("perHour").GetDecimal());
        Assert.NotEqual(0, offers.GetProperty("networks")[0].GetProperty("subnets").GetArrayLength());
        Assert.Equal(1.086m, (await _bench.GetAsync("/api/v1/redshift/price?nodeType=ra3.large&nodes=2&region=us-west-2"))
            .GetProperty("perHour").GetDecimal());
        Assert.Equal(HttpStatusCode.NotFound, (await _bench.Http.GetAsync("/api/v1/redshift/price?nodeType=dc2.large")).StatusCode);
    }

    [Theory]
    [InlineData("""{"events": "s3://music/log_data", "songs": "s3://music/song_data"}""", HttpStatusCode.Created)]
    [InlineData("""{"events": "s3://music/log_data", "songs": "s3://music/song_data", "simulated": false}""", HttpStatusCode.BadRequest)]
    public async Task Create_ASourceThatDoesNotSay_FollowsItsSimulatedCluster(string source, HttpStatusCode expected)
    {
        var body = $$"""{"name": "follows", "target": "redshift", "source": {{source}}, "redshift": {"simulated": true} }""";

        var answer = await _bench.Http.PostAsync("/api/v1/warehouses", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(expected, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync();
        if (expected == HttpStatusCode.Created)
        {
            Assert.True(JsonDocument.Parse(text).RootElement.GetProperty("source").GetProperty("simulated").GetBoolean());
        }
        else
        {
            Assert.Contains("say the same for the source and the cluster", text);
        }
    }

    [Fact]
    public async Task Import_OfADwhCfg_ProposesSettings_AndHoldsNoKey()
    {
        const string Config = """
            [AWS]
            KEY=AKIAEXAMPLEKEY000000
            SECRET=verysecretverysecret
            [DWH]
            DWH_CLUSTER_TYPE=multi-node
            DWH_NUM_NODES=4
            DWH_NODE_TYPE=dc2.large
            DWH_DB=dwh
            DWH_DB_USER=dwhuser
            DWH_DB_PASSWORD=Passw0rd
            DWH_PORT=5439
            [S3]
            LOG_DATA='s3://udacity-dend/log_data'
            LOG_JSONPATH='s3://udacity-dend/log_json_path.json'
            SONG_DATA='s3://udacity-dend/song_data'
            """;
        var answer = await _bench.Http.PostAsync("/api/v1/imports/dwh-cfg", new StringContent(Config, Encoding.UTF8, "text/plain"));
        var text = await answer.Content.ReadAsStringAsync();
        var found = JsonDocument.Parse(text).RootElement;
        Assert.Equal(("ra3.large", 4, "dwh"), (
            found.GetProperty("redshift").GetProperty("nodeType").GetString(), found.GetProperty("redshift").GetProperty("nodes")
                .GetInt32(), found.GetProperty("redshift").GetProperty("database").GetString()));
        Assert.Equal("s3://udacity-dend/song_data/", found.GetProperty("source").GetProperty("songs").GetString());
        Assert.Contains("unless a connection is made of it", text);
        foreach (var secret in (string[])["AKIAEXAMPLEKEY000000", "verysecretverysecret", "Passw0rd"])
        {
            Assert.DoesNotContain(secret, text);
            Assert.DoesNotContain(secret, await _bench.StoreDumpAsync());
            Assert.DoesNotContain(secret, _bench.Logs.All);
        }
    }

    [Fact]
    public async Task NoSecret_IsInTheStoreOrTheLogs()
    {
        await ProvisionAsync();
        var cluster = (await _bench.Aws.Redshift.FindClusterAsync(await ClusterAsync(), None))!;
        var login = await _bench.Aws.Secrets.GetLoginAsync(cluster.SecretArn!, None);
        await _bench.App.RunAsync("cloud", RunKind.Teardown);
        var (store, logs) = (await _bench.StoreDumpAsync(), _bench.Logs.All);
        Assert.Contains("Logged in at", store);
        foreach (var secret in (string[])[_bench.Simulator.Options.SecretKey, login.Password])
        {
            Assert.DoesNotContain(secret, store);
            Assert.DoesNotContain(secret, logs);
        }
    }

    private async Task ProvisionAsync()
    {
        await _bench.CreateAsync("cloud");
        var run = await _bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.True(run.State == RunState.Succeeded, run.Error);
    }

    private async Task<string> ClusterAsync() => (await _bench.GetAsync("/api/v1/warehouses/cloud/drift"))
        .EnumerateArray().Single(d => d.GetProperty("kind").GetString() == "cluster").GetProperty("name").GetString()!;

    private async Task<(string State, string Choices)> DriftAsync(string kind)
    {
        var one = (await _bench.GetAsync("/api/v1/warehouses/cloud/drift")).EnumerateArray()
            .Single(d => d.GetProperty("kind").GetString() == kind);
        return (one.GetProperty("state").GetString()!, string.Join(
            ',', one.GetProperty("choices").EnumerateArray().Select(c => c.GetString())));
    }

    private Task<HttpResponseMessage> DecideAsync(string kind, string name, string choice) =>
        _bench.Http.PostAsJsonAsync("/api/v1/warehouses/cloud/drift", new { kind, name, choice });

    private async Task<JsonElement> PatchAsync(object change)
    {
        var answer = await _bench.Http.PatchAsJsonAsync("/api/v1/warehouses/cloud", change);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<(SecurityGroupInfo Group, string Name)> DeleteClusterAndGroupAsync()
    {
        var aws = _bench.Aws;
        var group = Assert.Single(await aws.Ec2.ListSecurityGroupsAsync(ProvisioningContext.WarehouseTag, "cloud", None));
        await aws.Redshift.DeleteClusterAsync(await ClusterAsync(), null, None);
        await Eventually.BecomesAsync(() => aws.Ec2.ListInterfacesAsync(group.Id, None), held => held.Count == 0);
        await aws.Ec2.DeleteSecurityGroupAsync(group.Id, None);
        return (group, group.Name);
    }
}
