using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Credentials that are missing, ended or not enough: always a sentence a person can act on, and nothing half-made.</summary>
public sealed class RedshiftCredentialsTests
{
    private static readonly object Draft =
        new { name = "cloud", target = "redshift", source = new { events = "s3://music/log_data/", songs = "s3://music/song_data/" } };

    [Fact]
    public async Task Missing_ProfileIsNamed_WithTheCommandThatShowsWhatThereIs()
    {
        await using var app = await TestApp.StartAsync(arguments: ["--Aws:Profile", "no-such-profile", "--Aws:Region", "us-west-2"]);
        foreach (var answer in new[] { await app.Http.PostAsJsonAsync("/api/v1/plans", Draft), await app.Http.PostAsJsonAsync(
            "/api/v1/warehouses", Draft), await app.Http.GetAsync("/api/v1/redshift/offers") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("There is no AWS profile named 'no-such-profile'", await DetailAsync(answer));
        }

        Assert.Equal(0, (await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/warehouses")).GetArrayLength());
    }

    [Fact]
    public async Task Ended_TheRunSaysToLogInAgain_AndARetryGoesOn()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        bench.Simulator.Faults.RefuseNext("CreateCluster", "ExpiredToken", "The security token included in the request is expired", 403);
        var run = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("The AWS login has ended. Log in again", run.Error);

        var retried = await bench.Http.PostAsync($"/api/v1/runs/{run.Id}/retry", null);
        Assert.Equal(HttpStatusCode.Accepted, retried.StatusCode);
        Assert.Equal(RunState.Succeeded, (await bench.App.EndAsync(run.Id)).State);
    }

    [Fact]
    public async Task Denied_ThePermissionIsNamed_AndWhatWasMadeGoesWithTheTeardown()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        bench.Simulator.Faults.Deny("CreateCluster");
        var run = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.Contains("redshift:CreateCluster", run.Error);
        bench.Simulator.Faults.Clear();
        Assert.Equal("0 left", (await bench.App.RunAsync("cloud", RunKind.Teardown)).Steps[^1].Message);
        Assert.Empty(await bench.Aws.Iam.ListRolesAsync(null, CancellationToken.None));
    }

    [Fact]
    public async Task SecretDenied_TheLoginSaysSo_AndTheWarehouseIsNotAvailable()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        bench.Simulator.Faults.Deny("GetSecretValue");
        var run = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.Contains("secretsmanager:GetSecretValue", run.Error);
        Assert.Equal("defined", (await bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Unreachable_TheLoginNamesTheLikelyCause_AndTheWarehouseIsNotAvailable()
    {
        await using var bench = await SimulatedApp.StartAsync(
            patience: SimulatedApp.Patience with { Reachable = TimeSpan.FromMilliseconds(200) }, sql: false);
        await bench.CreateAsync("cloud");
        var run = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.Equal("sql", run.Steps.Single(s => s.State == StepState.Failed).Name);
        Assert.Contains("is not known on this machine", run.Error);
        Assert.Contains("only known inside its network (VPC)", run.Error);
        Assert.Equal("defined", (await bench.GetAsync("/api/v1/warehouses/cloud")).GetProperty("state").GetString());
        Assert.Equal("0 left", (await bench.App.RunAsync("cloud", RunKind.Teardown)).Steps[^1].Message);
    }

    private static async Task<string?> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
}
