using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>What can be had of an endpoint that lacks a part of AWS, or of an account that may not look.</summary>
public sealed class OffersApiTests
{
    [Theory]
    [InlineData("DescribeRegions", "regions")]
    [InlineData("DescribeVpcs", "networks")]
    [InlineData("DescribeSubnets", "networks")]
    [InlineData("DescribeOrderableClusterOptions", "nodes")]
    [InlineData("GetCallerIdentity", "identity")]
    public async Task Offers_WithoutAPart_HoldTheOthers_AndSayWhy(string action, string part)
    {
        await using var bench = await SimulatedApp.StartAsync(sql: false);
        foreach (var (how, says) in Ways(bench, action))
        {
            how();
            var offers = await bench.GetAsync("/api/v1/redshift/offers?simulated=true");
            bench.Simulator.Faults.Clear();
            var missing = Assert.Single(offers.GetProperty("missing").EnumerateArray());
            Assert.Equal(part, missing.GetProperty("part").GetString());
            Assert.Contains(says, missing.GetProperty("why").GetString(), StringComparison.Ordinal);
            Assert.Equal("us-west-2", offers.GetProperty("region").GetString());
            Assert.Contains(offers.GetProperty("regions").EnumerateArray(), static r => r.GetString() == "us-west-2");
            Assert.NotEmpty(offers.GetProperty("nodes").EnumerateArray());
            Assert.Equal(part == "networks", !offers.GetProperty("networks").EnumerateArray().Any());
            Assert.Equal(part == "identity", offers.GetProperty("account").ValueKind == JsonValueKind.Null);
            Assert.Equal(part != "nodes", offers.GetProperty("nodesAreLive").GetBoolean());
        }
    }

    [Fact]
    public async Task Plan_WithoutNetworksToList_TakesTheOneThatIsNamed_AndAsksForIt()
    {
        await using var bench = await SimulatedApp.StartAsync(sql: false);
        var vpc = (await bench.Aws.Ec2.ListVpcsAsync(default)).First(static v => v.IsDefault).Id;
        foreach (var action in (string[])["DescribeVpcs", "DescribeSubnets", "DescribeRegions", "DescribeInternetGateways", "DescribeOrderableClusterOptions"])
        {
            bench.Simulator.Faults.Deny(action);
        }

        using var refused = await PlanAsync(new { });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(
            "the one to use has to be given by its id (redshift.vpcId, such as vpc-0123abcd)", await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        using var planned = await PlanAsync(new { vpcId = vpc });
        Assert.True(planned.IsSuccessStatusCode, await planned.Content.ReadAsStringAsync());

        Task<HttpResponseMessage> PlanAsync(object redshift) => bench.Http.PostAsJsonAsync(
            "/api/v1/plans", new { name = "music", target = "redshift", simulated = true, source = SimulatedApp.Source, redshift });
    }

    [Fact]
    public async Task Drift_OfWhatMayNotBeLookedAt_KeepsTheOthers()
    {
        await using var bench = await SimulatedApp.StartAsync(sql: false);
        await bench.CreateAsync("music");
        bench.Simulator.Faults.Deny("GetRole");
        var drift = (await bench.GetAsync("/api/v1/warehouses/music/drift")).EnumerateArray().ToList();
        Assert.Equal("unseen", drift[0].GetProperty("state").GetString());
        Assert.Contains("iam:GetRole", drift[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("notThere", drift.Single(static d => d.GetProperty("kind").GetString() == "cluster").GetProperty("state").GetString());
    }

    private static IEnumerable<(Action How, string Says)> Ways(SimulatedApp bench, string action)
    {
        var faults = bench.Simulator.Faults;
        yield return (() => faults.Deny(action), $":{action}");
        yield return (() => faults.RefuseNext(action, "InvalidAction", $"The action {action} is not valid for this endpoint.", 400, 9), $"does not know {action}");
        yield return (() => faults.RefuseNext(action, "InternalFailure", "API not yet implemented or pro feature", 501, 9), $"does not know {action}");
        yield return (() => faults.RefuseNext(action, "NotFound", "404 page not found", 404, 9), action);
    }
}
