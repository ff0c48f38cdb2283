using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Tags of one's own, through the API.</summary>
public sealed class TagsApiTests
{
    [Fact]
    public async Task Tags_AreKeptAsTheyAreGiven_PostedBack_Changed_AndRefusedInWords()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud", new { tags = new Dictionary<string, string> { ["Cost Centre"] = "4711", ["team"] = "data" } });
        var got = await bench.GetAsync("/api/v1/warehouses/cloud");
        Assert.Equal("""{"Cost Centre":"4711","team":"data"}""", got.GetProperty("redshift").GetProperty("tags").GetRawText());

        // As it was got, under another name.
        var again = System.Text.Json.Nodes.JsonNode.Parse(got.GetRawText())!;
        again["name"] = "again";
        using var posted = await bench.Http.PostAsJsonAsync("/api/v1/warehouses", again);
        Assert.True(posted.IsSuccessStatusCode, await posted.Content.ReadAsStringAsync());
        Assert.Equal("4711", Tag(await bench.GetAsync("/api/v1/warehouses/again"), "Cost Centre"));

        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Provision)).State);
        Assert.Single(await bench.Aws.Redshift.ListClustersAsync("Cost Centre", "4711", default));
        using var changed = await PatchAsync(new { team = "music" });
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Provision)).State);
        Assert.Empty(await bench.Aws.Redshift.ListClustersAsync("Cost Centre", "4711", default));
        Assert.Single(await bench.Aws.Redshift.ListClustersAsync("team", "music", default));
        foreach (var format in (string[])["terraform", "cloudFormation"])
        {
            var text = await bench.Http.GetStringAsync($"/api/v1/warehouses/cloud/export?format={format}");
            Assert.Contains("team", text, StringComparison.Ordinal);
            Assert.Contains("music", text, StringComparison.Ordinal);
        }

        using var refused = await PatchAsync(new Dictionary<string, string> { ["aws:x"] = "1" });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("begins with aws:", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var nothing = await PatchAsync(new Dictionary<string, string?> { ["team"] = null });
        Assert.Equal(HttpStatusCode.BadRequest, nothing.StatusCode);
        Assert.Contains(
            "The tag 'team' has no value", (await nothing.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
        using var none = await bench.Http.PatchAsJsonAsync(
            "/api/v1/warehouses/cloud", new { redshift = new { tags = (object?)null, subnets = (object?)null } });
        Assert.True(none.IsSuccessStatusCode, await none.Content.ReadAsStringAsync());
        Assert.Equal("{}", (await bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("redshift").GetProperty("tags").GetRawText());

        Task<HttpResponseMessage> PatchAsync(object tags) =>
            bench.Http.PatchAsJsonAsync("/api/v1/warehouses/cloud", new { redshift = new { tags } });
    }

    [Fact]
    public async Task Provisioning_ThatTookBackWhatItMade_IsRetriedFromItsBeginning()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        bench.Simulator.Faults.ManagedPasswords = ManagedPasswords.Overlooked;
        var run = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Empty(await bench.Aws.Iam.ListRolesAsync("/sparkify/", default));
        bench.Simulator.Faults.Clear();
        await bench.App.Services.GetRequiredService<IRuns>().RetryAsync(run.Id, Actor.System, default);
        var again = await bench.App.EndAsync(run.Id);
        Assert.True(again.State == RunState.Succeeded, again.Error);
    }

    [Fact]
    public async Task Settings_NullWhereSomethingBelongs_AreTheirDefaults_OrRefusedInWords()
    {
        await using var bench = await SimulatedApp.StartAsync();
        string? nothing = null;
        await bench.CreateAsync(
            "cloud", new { nodeType = nothing, database = nothing, masterUser = nothing, owner = nothing, tags = nothing });
        var redshift = (await bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("redshift");
        Assert.Equal(("ra3.large", "sparkify"), (redshift.GetProperty("nodeType").GetString(), redshift.GetProperty("owner").GetString()));
        using var refused = await bench.Http.PatchAsJsonAsync(
            "/api/v1/warehouses/cloud", new { redshift = new { subnets = new[] { nothing } } });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("A subnet is given by its id", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string? Tag(JsonElement warehouse, string key) =>
        warehouse.GetProperty("redshift").GetProperty("tags").GetProperty(key).GetString();
}
