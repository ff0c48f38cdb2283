using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>A warehouse that comes back from the last snapshot of its cluster.</summary>
public sealed class SnapshotsApiTests
{
    private const string Events = "log_data/2018/11/events.json";

    [Fact]
    public async Task Snapshot_OfATeardown_ComesBackAsItWas_AndTheNextLoadAddsWhatIsNew()
    {
        await using var cloud = await CloudAsync();
        await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/more.json", Source.Event(item: 3));
        var load = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        var (before, counts) = (await WarehouseAsync(cloud), await cloud.App.CountsAsync(cloud.Name));
        var stars = await cloud.App.Services.GetRequiredService<IStarVersions>().ListAsync(cloud.Name, default);
        Assert.Equal(2, stars.Count);
        await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);
        Assert.Null((await WarehouseAsync(cloud)).PublishedRun);

        var id = await KeptAsync(cloud);
        Assert.Equal(JsonValueKind.Null, Assert.Single(await SnapshotsAsync(cloud)).GetProperty("misfit").ValueKind);
        var run = await ProvisionAsync(cloud, id);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Equal(id, run.Snapshot);

        var after = await WarehouseAsync(cloud);
        Assert.Equal((load.Id, run.Id, before.PublishedAt!.Value.ToUnixTimeSeconds()), (
            after.PublishedRun, after.PutBackBy, after.PublishedAt!.Value.ToUnixTimeSeconds()));
        Assert.Equal(counts, await cloud.App.CountsAsync(cloud.Name));
        Assert.Equal(
            stars.Select(static s => (s.Run, s.Plays)),
            (await cloud.App.Services.GetRequiredService<IStarVersions>().ListAsync(cloud.Name, default))
                .Select(static s => (s.Run, s.Plays)));

        // Only what is new, and then the star of a load of everything.
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/new.json", Source.Event(item: 4));
        var added = await cloud.App.RunAsync(cloud.Name, RunKind.Load, LoadMode.Incremental);
        Assert.True(added.State == RunState.Succeeded, added.Error);
        Assert.Equal(new RunAddition(load.Id, 1), added.Adds);
        var incremental = await RowsAsync(cloud);
        var whole = await cloud.App.RunAsync(cloud.Name, RunKind.Load, LoadMode.Full);
        Assert.True(whole.State == RunState.Succeeded, whole.Error);
        Assert.Equal(await RowsAsync(cloud), incremental);

        // And what was before can be put back in turn.
        Assert.Equal(RunState.Succeeded, (await cloud.App.RunAsync(cloud.Name, RunKind.PutBack)).State);
        Assert.Equal("available", Assert.Single(await SnapshotsAsync(cloud)).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await cloud.Bench.Http.DeleteAsync(Path(cloud, id))).StatusCode);
        Assert.Empty(await SnapshotsAsync(cloud));
        Assert.Equal(HttpStatusCode.NotFound, (await cloud.Bench.Http.DeleteAsync(Path(cloud, id))).StatusCode);
    }

    [Fact]
    public async Task Snapshot_OfBeforeALaterLoad_SaysSo_AndTheNextLoadReadsEverything()
    {
        await using var cloud = await CloudAsync();
        var (first, id) = await LoadedAndKeptAsync(cloud);
        Assert.True((await ProvisionAsync(cloud, snapshot: null)).State == RunState.Succeeded);
        await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        await SetAsync(cloud, new { finalSnapshotDays = (int?)null });
        await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);

        var run = await ProvisionAsync(cloud, id);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Equal(first.Id, (await WarehouseAsync(cloud)).PublishedRun);
        Assert.Contains("The next load reads everything", await LogAsync(cloud, run), StringComparison.Ordinal);
        var load = await cloud.App.RunAsync(cloud.Name, RunKind.Load, LoadMode.Incremental);
        Assert.True(load.State == RunState.Succeeded, load.Error);
        Assert.Null(load.Adds);
        Assert.Contains("Everything is loaded", await LogAsync(cloud, load), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_OfALoadTheStoreDoesNotKnow_IsSaid_AndReplacedByTheNextLoad()
    {
        await using var cloud = await CloudAsync();
        var forgotten = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/more.json", Source.Event(item: 3));
        await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);
        var id = await KeptAsync(cloud);
        await using (var store = NpgsqlDataSource.Create(cloud.App.Store))
        await using (var forget = store.CreateCommand("delete from runs where kind = 'load'"))
        {
            await forget.ExecuteNonQueryAsync();
        }

        var run = await ProvisionAsync(cloud, id);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Contains("this store knows no such load", await LogAsync(cloud, run), StringComparison.Ordinal);
        Assert.Contains($"also held the star of load {forgotten.Id} from before", await LogAsync(cloud, run), StringComparison.Ordinal);
        Assert.Null((await WarehouseAsync(cloud)).PublishedRun);
        var load = await cloud.App.RunAsync(cloud.Name, RunKind.Load, LoadMode.Incremental);
        Assert.True(load.State == RunState.Succeeded, load.Error);
        Assert.Null(load.Adds);
        Assert.Equal(load.Id, (await WarehouseAsync(cloud)).PublishedRun);
        // What is not known is not offered as what was before, either.
        var stars = await cloud.App.Services.GetRequiredService<IStarVersions>().ListAsync(cloud.Name, default);
        Assert.Equal(load.Id, Assert.Single(stars).Run);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restore_WithoutTags_AndWithoutAnAnswer_IsFoundAgainAndMarked(bool denied)
    {
        await using var cloud = await CloudAsync();
        await SetAsync(cloud, new { tags = new { team = "data" } });
        var (_, id) = await LoadedAndKeptAsync(cloud);
        var faults = cloud.Bench.Simulator.Faults;
        faults.BareRestores = true;
        faults.DropNext("RestoreFromClusterSnapshot", DropMoment.AfterEffect);
        if (denied)
        {
            faults.DropNext("RestoreFromClusterSnapshot", DropMoment.AfterEffect);
            faults.Deny("CreateTags");
        }

        var run = await ProvisionAsync(cloud, id);
        if (denied)
        {
            Assert.Equal(RunState.Failed, run.State);
            Assert.Contains("CreateTags", run.Error, StringComparison.Ordinal);
            // It is ours by the journal, and both pages that are asked say so.
            var drift = (await cloud.Bench.GetAsync($"/api/v1/warehouses/{cloud.Name}/drift")).EnumerateArray()
                .Single(static d => d.GetProperty("kind").GetString() == "cluster");
            Assert.Equal(("changed", "its tags"), (drift.GetProperty("state").GetString(), drift.GetProperty("detail").GetString()));
            var preview = await cloud.Bench.GetAsync($"/api/v1/warehouses/{cloud.Name}/teardown");
            Assert.Equal("cluster", preview.GetProperty("destroys")[0].GetProperty("kind").GetString());
            faults.Clear();
            await cloud.App.Services.GetRequiredService<IRuns>().RetryAsync(run.Id, Actor.System, default);
            run = await cloud.App.EndAsync(run.Id);
        }

        Assert.True(run.State == RunState.Succeeded, run.Error);
        var cluster = Assert.Single(await cloud.Bench.Aws.Redshift.ListClustersAsync("sparkify:warehouse", cloud.Name, default));
        Assert.Equal("data", cluster.Tags["team"]);
        Assert.NotNull((await WarehouseAsync(cloud)).PublishedRun);
        var down = await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);
        Assert.True(down.State == RunState.Succeeded, $"{down.Error} {await LogAsync(cloud, down)}");
    }

    [Fact]
    public async Task Snapshot_ThatARunUses_IsNotDeletedFromHere_AndOneThatGoesElsewhereLosesNothing()
    {
        await using var cloud = await CloudAsync();
        var (load, id) = await LoadedAndKeptAsync(cloud);
        var faults = cloud.Bench.Simulator.Faults;
        faults.Blinks = int.MaxValue; // it is not stable before we say so
        using var answer = await cloud.Bench.Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{cloud.Name}/runs", new { kind = "provision", snapshot = id });
        var run = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        await Eventually.BecomesAsync(
            () => cloud.Bench.Aws.Redshift.ListClustersAsync(null, null, default), static all => all is [{ Status: "modifying" }]);

        using var refused = await cloud.Bench.Http.DeleteAsync(Path(cloud, id));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains($"Run {run} is making a cluster from the snapshot {id}", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await KeptAsync(cloud); // copied
        await cloud.Bench.Aws.Redshift.DeleteSnapshotAsync(id, default);
        faults.Clear();
        var ended = await cloud.App.EndAsync(run);
        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Equal(load.Id, (await WarehouseAsync(cloud)).PublishedRun); // its name says when it was taken
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Snapshot_OfAnotherVersionsTables_ComesBack_IsSaid_AndIsReplacedByTheNextLoad(bool all)
    {
        await using var cloud = await CloudAsync();
        var first = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        var before = await RowsAsync(cloud);
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/more.json", Source.Event(item: 3));
        await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        var wanted = await RowsAsync(cloud);
        await AlterAsync(cloud, "alter table dwh.songplays drop column level", "alter table dwh.load_counts drop column staged");
        if (all)
        {
            await AlterAsync(cloud, $"alter table dwh_load_{first.Id}.songs drop column year");
        }

        await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);
        var run = await ProvisionAsync(cloud, await KeptAsync(cloud));
        Assert.True(run.State == RunState.Succeeded, run.Error);
        var log = await LogAsync(cloud, run);
        Assert.Contains("and another version of the application built it. Readers see it", log, StringComparison.Ordinal);
        Assert.Equal(all, log.Contains(
            $"the star of load {first.Id} from before, and another version of the application built it. It could not be put back", StringComparison.Ordinal));
        long[] kept = all ? [] : [first.Id];
        Assert.Equal(kept, await StarsAsync());

        var load = await cloud.App.RunAsync(cloud.Name, RunKind.Load, LoadMode.Incremental);
        Assert.True(load.State == RunState.Succeeded, load.Error);
        Assert.Equal(wanted, await RowsAsync(cloud));
        Assert.Equal([load.Id, .. kept], await StarsAsync());
        if (!all)
        {
            var back = await cloud.App.RunAsync(cloud.Name, RunKind.PutBack);
            Assert.True(back.State == RunState.Succeeded, back.Error);
            Assert.Equal(before, await RowsAsync(cloud));
        }

        async Task<IEnumerable<long>> StarsAsync() =>
            (await cloud.App.Services.GetRequiredService<IStarVersions>().ListAsync(cloud.Name, default)).Select(static s => s.Run);
    }

    [Fact]
    public async Task PutBack_OfAStarOfOtherTables_IsRefusedInWords_AndReadersKeepTheirs()
    {
        await using var cloud = await CloudAsync();
        var first = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/2018/11/more.json", Source.Event(item: 3));
        await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        var rows = await RowsAsync(cloud);
        await AlterAsync(cloud, $"alter table dwh_load_{first.Id}.songs drop column year");

        var back = await cloud.App.RunAsync(cloud.Name, RunKind.PutBack);
        Assert.Equal(RunState.Failed, back.State);
        Assert.Contains("was built by another version of the application", back.Error, StringComparison.Ordinal);
        Assert.Equal(rows, await RowsAsync(cloud));
    }

    [Fact]
    public async Task Snapshot_ThatCannotBeTaken_IsRefusedInWords()
    {
        await using var cloud = await CloudAsync();
        await RefusedAsync(cloud, new { kind = "load", snapshot = "x" }, "Only a provisioning begins from a snapshot");
        await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);
        var id = await KeptAsync(cloud);
        await RefusedAsync(cloud, new { kind = "provision", snapshot = "none-1" }, $"is not there, or not any more: somebody deleted it, or its days are over. Kept are: {id}.");

        await SetAsync(cloud, new { nodes = 3 });
        Assert.Contains(
            "is of a single node of ra3.large", Assert.Single(await SnapshotsAsync(cloud)).GetProperty("misfit").GetString(),
            StringComparison.Ordinal);
        await RefusedAsync(cloud, new { kind = "provision", snapshot = id }, "Set them to the snapshot's (nodeType ra3.large, nodes 1)");
        await SetAsync(cloud, new { nodes = 1 });

        // Gone between the choice and the moment it is wanted.
        cloud.Bench.Simulator.Faults.RefuseNext("RestoreFromClusterSnapshot", "ClusterSnapshotNotFound", "Snapshot not found.", 404);
        var run = await ProvisionAsync(cloud, id);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("is not there, or not any more", run.Error, StringComparison.Ordinal);
        Assert.Empty(await cloud.Bench.Aws.Redshift.ListClustersAsync(null, null, default));

        Assert.Equal(RunState.Succeeded, (await ProvisionAsync(cloud, snapshot: null)).State);
        await RefusedAsync(cloud, new { kind = "provision", snapshot = id }, "has a cluster already");
    }

    private static Task<CloudWarehouse> CloudAsync() => CloudWarehouse.ProvisionAsync(
        static async bench =>
        {
            await CloudWarehouse.PutAsync(bench, Events, string.Join('\n', Source.Event(item: 1), Source.Event(item: 2, page: "Home")));
            await CloudWarehouse.PutAsync(bench, "song_data/A/0.json", Source.Song());
        }, redshift: new { finalSnapshotDays = 7 });

    private static string Path(CloudWarehouse cloud, string id) => $"/api/v1/warehouses/{cloud.Name}/snapshots/{id}";

    private static async Task<IReadOnlyList<JsonElement>> SnapshotsAsync(CloudWarehouse cloud) =>
        [.. (await cloud.Bench.GetAsync($"/api/v1/warehouses/{cloud.Name}/snapshots")).EnumerateArray()];

    // A star, and then the cluster's last snapshot alone.
    private static async Task<(RunView Load, string Snapshot)> LoadedAndKeptAsync(CloudWarehouse cloud)
    {
        var load = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        await cloud.App.RunAsync(cloud.Name, RunKind.Teardown);
        return (load, await KeptAsync(cloud));
    }

    // Its data is copied for a while after the cluster has gone.
    private static async Task<string> KeptAsync(CloudWarehouse cloud) => (await Eventually.BecomesAsync(
        async () => Assert.Single(await SnapshotsAsync(cloud)), static s => s.GetProperty("status").GetString() == "available"))
        .GetProperty("id").GetString()!;

    private static Task<Warehouse> WarehouseAsync(CloudWarehouse cloud) =>
        cloud.App.Services.GetRequiredService<IWarehouses>().GetAsync(cloud.Name, default);

    private static async Task<RunView> ProvisionAsync(CloudWarehouse cloud, string? snapshot)
    {
        using var answer = await cloud.Bench.Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{cloud.Name}/runs", new { kind = "provision", snapshot });
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return await cloud.App.EndAsync((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
    }

    private static async Task RefusedAsync(CloudWarehouse cloud, object body, string says)
    {
        using var answer = await cloud.Bench.Http.PostAsJsonAsync($"/api/v1/warehouses/{cloud.Name}/runs", body);
        Assert.False(answer.IsSuccessStatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(says, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    // As another version would have made them.
    private static async Task AlterAsync(CloudWarehouse cloud, params string[] changes)
    {
        await using var db = await cloud.App.Services.GetRequiredService<IWarehouseDatabases>()
            .OpenAloneAsync(await WarehouseAsync(cloud), WarehouseRole.Loader, default);
        foreach (var change in changes)
        {
            await using var command = new NpgsqlCommand(change, db);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task SetAsync(CloudWarehouse cloud, object redshift)
    {
        using var answer = await cloud.Bench.Http.PatchAsJsonAsync($"/api/v1/warehouses/{cloud.Name}", new { redshift });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> LogAsync(CloudWarehouse cloud, RunView run) => string.Join(
        '\n', (await cloud.App.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, default)).Select(static l => l.Message));

    private static async Task<string> RowsAsync(CloudWarehouse cloud)
    {
        List<string> all = [];
        await using var db = await cloud.App.Services.GetRequiredService<IWarehouseDatabases>()
            .ReadAsync(await WarehouseAsync(cloud), default);
        foreach (var table in (string[])["songplays", "users", "songs", "artists", "time"])
        {
            await using var command = new NpgsqlCommand($"select * from dwh.{table}", db.Connection);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                all.Add($"{table} {string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i).ToString()))}");
            }
        }

        return string.Join('\n', all.Order(StringComparer.Ordinal));
    }
}
