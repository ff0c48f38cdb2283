using System.Text;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Provisioning.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Chains;

/// <summary>Chains on simulated clusters, where what is not ended costs on.</summary>
public sealed class ChainOnRedshiftTests
{
    [Fact]
    public async Task Chain_FromNothing_LoadsSavesAndPauses_AndTheNextOneResumesAndTearsDown()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");

        var first = await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Pause, "top-songs"));
        Assert.Equal("provision succeeded, load succeeded, export succeeded, pause succeeded", first.Parts());
        Assert.Equal(
            (ChainState.Succeeded, $"Every part succeeded. 'cloud' was paused (run {first.Part(RunKind.Pause).Run})."),
            (first.State, first.Said));
        Assert.Equal(WarehouseState.Paused, await bench.App.StateAsync("cloud"));

        // A resumption that was cancelled before it began has left nothing that runs.
        await using (var store = NpgsqlDataSource.Create(bench.App.Store))
        await using (var db = await store.OpenConnectionAsync())
        {
            await db.ExecuteAsync(
                "insert into runs (warehouse, kind, state, actor, created_at, finished_at) values ('cloud', 'resume', 'cancelled', 'ann', now(), now())");
        }

        var refused = await Assert.ThrowsAsync<SparkifyException>(() => bench.App.Services.GetRequiredService<IRuns>().StartAsync(
            "cloud", RunKind.Pause, Actor.LocalAdministrator, default));
        Assert.Equal("Only a running cluster can be paused; 'cloud' is paused.", refused.Message);

        var second = await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Teardown, "top-songs"));
        Assert.Equal("resume succeeded, load succeeded, export succeeded, teardown succeeded", second.Parts());
        Assert.Equal(WarehouseState.Removed, await bench.App.StateAsync("cloud"));
    }

    [Fact]
    public async Task Load_ThatFailsAfterAResume_IsPausedAgain_AndNotTornDown()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Pause));
        await EmptyAsync(bench);

        var over = await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Teardown, "top-songs"));

        Assert.Equal("resume succeeded, load failed, export skipped, pause succeeded", over.Parts());
        Assert.Equal((ChainState.Failed, WarehouseState.Paused), (over.State, await bench.App.StateAsync("cloud")));
    }

    [Fact]
    public async Task Cancelled_WhileItsClusterIsMade_WaitsForIt_AndPausesIt()
    {
        await using var bench = await SimulatedApp.StartAsync(RedshiftBench.Quick with { Creating = TimeSpan.FromSeconds(4) });
        await bench.CreateAsync("cloud");
        var chain = await bench.App.StartChainAsync("cloud", ChainEnd.Pause, "top-songs");
        await CalledAsync(bench, "CreateCluster");

        await bench.App.Chains().CancelAsync("cloud", chain.Id, Actor.LocalAdministrator, default);

        var over = await bench.App.OverAsync(chain);
        Assert.Equal("provision cancelled, load skipped, export skipped, pause succeeded", over.Parts());
        Assert.Equal((ChainState.Cancelled, WarehouseState.Paused), (over.State, await bench.App.StateAsync("cloud")));
        Assert.Contains(bench.Simulator.Calls, static c => c is { Action: "PauseCluster", Code: null });
    }

    [Fact]
    public async Task Cancelled_WhileItsClusterResumes_WaitsForIt_AndPausesItAgain()
    {
        await using var bench = await SimulatedApp.StartAsync(RedshiftBench.Quick with { Resuming = TimeSpan.FromSeconds(4) });
        await bench.CreateAsync("cloud");
        await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Pause));
        bench.Simulator.ForgetCalls();
        var chain = await bench.App.StartChainAsync("cloud", ChainEnd.Pause);
        await CalledAsync(bench, "ResumeCluster");

        await bench.App.Chains().CancelAsync("cloud", chain.Id, Actor.LocalAdministrator, default);

        var over = await bench.App.OverAsync(chain);
        Assert.Equal("resume cancelled, load skipped, pause succeeded", over.Parts());
        Assert.Equal((ChainState.Cancelled, WarehouseState.Paused), (over.State, await bench.App.StateAsync("cloud")));
        Assert.Contains(bench.Simulator.Calls, static c => c is { Action: "PauseCluster", Code: null });
    }

    [Fact]
    public async Task Cancelled_InItsLoad_IsPausedAllTheSame()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        bench.Simulator.Faults.HoldCopies();
        var chain = await bench.App.StartChainAsync("cloud", ChainEnd.Pause, "top-songs");
        await bench.App.ChainAsync(chain, static c => c.Part(RunKind.Load).State == PartState.Running);

        await bench.App.Chains().CancelAsync("cloud", chain.Id, Actor.LocalAdministrator, default);
        bench.Simulator.Faults.ReleaseCopies();

        var over = await bench.App.OverAsync(chain);
        Assert.Equal("provision succeeded, load cancelled, export skipped, pause succeeded", over.Parts());
        Assert.Equal((ChainState.Cancelled, WarehouseState.Paused), (over.State, await bench.App.StateAsync("cloud")));
    }

    [Fact]
    public async Task Load_ThatNeedsADecision_IsPaused_AndNotTornDown_AndWaitsThere()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        await EmptyAsync(bench);
        using MemoryStream events = new(Encoding.UTF8.GetBytes(Source.Event(ts: 1541105830)));
        await bench.Aws.S3.PutAsync(SimulatedApp.Bucket, "log_data/2018/11/events.json", events, default);

        var over = await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Teardown, "top-songs"));

        Assert.Equal("provision succeeded, load needsdecision, export skipped, pause succeeded", over.Parts());
        Assert.Equal((ChainState.Failed, WarehouseState.Paused), (over.State, await bench.App.StateAsync("cloud")));
    }

    [Fact]
    public async Task Provisioning_ThatFailsBeforeAnythingCameUp_EndsTheChain_AndSaysSo()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        bench.Simulator.Faults.Deny("DescribeClusters");

        var over = await bench.App.OverAsync(await bench.App.StartChainAsync("cloud", ChainEnd.Teardown));

        Assert.Equal("provision failed, load skipped, teardown refused", over.Parts());
        Assert.Equal(ChainState.Failed, over.State);
        Assert.EndsWith("Nothing had come up that was to be ended.", over.Said, StringComparison.Ordinal);
    }

    private static async Task CalledAsync(SimulatedApp bench, string action) => await Eventually.BecomesAsync(
        () => Task.FromResult(bench.Simulator.Calls), calls => calls.Any(c => c.Action == action && c.Code is null), seconds: 60);

    private static async Task EmptyAsync(SimulatedApp bench)
    {
        await foreach (var item in bench.Aws.S3.ListAsync(SimulatedApp.Bucket, "log_data/", CancellationToken.None))
        {
            await bench.Aws.S3.DeleteAsync(SimulatedApp.Bucket, item.Key, CancellationToken.None);
        }
    }
}
