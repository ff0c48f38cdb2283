using System.Text.Json;
using Sparkify.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The application is killed in the middle of a provisioning; the account it works on goes on without it.</summary>
[Trait("Category", Fault.Category)]
public sealed class RedshiftKillTests
{
    [Theory]
    [InlineData("CreateRole")]
    [InlineData("PutRolePolicy")]
    [InlineData("CreateSecurityGroup")]
    [InlineData("AuthorizeSecurityGroupIngress")]
    [InlineData("CreateCluster")]
    public Task Kill_RightAfterAResourceWasCreated_TheNextStartConverges_AndTeardownLeavesNothing(string create) => Fault.RowAsync(
        $"kill -9 right after {create}, its answer lost",
        "the next start converges; teardown leaves nothing", async row =>
        {
            await using var simulator = await SimulatedApp.StartSimulatorAsync(new SimulatorDelays
            {
                Creating = TimeSpan.FromSeconds(1),
                Deleting = TimeSpan.FromMilliseconds(100),
                RoleSync = TimeSpan.FromMilliseconds(100),
                InterfaceLinger = TimeSpan.FromMilliseconds(100),
            });
            string[] arguments = ["--Aws:Simulator", "true", "--Aws:SimulatorUrl", simulator.Url.ToString()];
            var app = await AppProcess.StartAsync(arguments: arguments);
            await using var last = AppProcess.Last(() => app);
            await SimulatedApp.FillAsync(simulator);
            await app.PostAsync(
                "/api/v1/warehouses", new { name = "cloud", target = "redshift", source = SimulatedApp.Source, simulated = true });

            // The create takes effect; its answer and everything after it is lost, as for a process that is gone.
            simulator.Faults.GoSilentAfter(create);
            var run = (await app.PostAsync("/api/v1/warehouses/cloud/runs", new { kind = "provision" })).GetProperty("id").GetInt64();
            await Eventually.BecomesAsync(() => Task.FromResult(simulator.Calls), calls => calls.Any(c => c.Action == create), seconds: 60);
            await app.KillAsync();
            simulator.Faults.Clear();
            simulator.ForgetCalls();

            app = await AppProcess.StartAsync(after: app, arguments: arguments);
            Assert.Equal("succeeded", await EndAsync(app, run));
            Assert.DoesNotContain(simulator.Calls, c => c.Action == create && c.Code is null && create is not "PutRolePolicy");
            var down = (await app.PostAsync("/api/v1/warehouses/cloud/runs", new { kind = "teardown" })).GetProperty("id").GetInt64();
            Assert.Equal("succeeded", await EndAsync(app, down));
            Assert.Equal("0 left", (await app.GetAsync($"/api/v1/runs/{down}")).GetProperty("steps").EnumerateArray().Last()
                .GetProperty("message").GetString());
            row.Saw("converged, and nothing left");
        });

    private static async Task<string?> EndAsync(AppProcess app, long run)
    {
        var ended = await Eventually.BecomesAsync(() => app.GetAsync($"/api/v1/runs/{run}"), view => !view.GetProperty("active")
            .GetBoolean(), seconds: 120);
        return ended.GetProperty("error").ValueKind == JsonValueKind.String
            ? ended.GetProperty("error").GetString()
            : ended.GetProperty("state").GetString();
    }
}
