using System.Text.Json;
using Sparkify.Core.Runs;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Checking files without loading them.</summary>
public sealed class CheckRunTests
{
    private static readonly string[] Events = [Source.Event(item: 1), Source.Event(
        item: 2, level: new string('x', 40)), Source.Event(item: 3)];

    [Fact]
    public async Task Check_OfALocalWarehouse_FindsTheBadRecordsAndLoadsNothing()
    {
        using var folder = new TempFolder();
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.Write(folder, Events, [Source.Song()]), maxRejects: 1);

        var run = await warehouse.App.RunAsync(warehouse.Name, RunKind.Check);

        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Equal(["3 records, 1 bad", "1 record, all good"], run.Steps.Select(s => s.Message));
        await AssertRejectAsync(warehouse.App, warehouse.Name, run, "2018/11/events.json");
        Assert.All((await warehouse.App.CountsAsync(warehouse.Name)).Values, Assert.Null);
        Assert.Contains(
            "A load would fail", await warehouse.App.Http.GetStringAsync($"/api/v1/runs/{run.Id}/log"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfACluster_FindsTheBadRecordsAndLoadsNothing()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(Events, [Source.Song()]);

        var run = await cloud.App.RunAsync(cloud.Name, RunKind.Check);

        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Equal(["3 records, 1 bad", "1 record, all good"], run.Steps.Select(s => s.Message));
        await AssertRejectAsync(cloud.App, cloud.Name, run, "2018/11/events.json");
        Assert.Empty(await cloud.KeysAsync("sparkify-staging/"));
        await cloud.LoadAsync();
        Assert.Equal(["1", "3"], await cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    private static async Task AssertRejectAsync(TestApp app, string name, RunView run, string file)
    {
        var rejects = JsonDocument.Parse(
            await app.Http.GetStringAsync($"/api/v1/warehouses/{name}/rejects?run={run.Id}")).RootElement.GetProperty("items");
        var reject = Assert.Single(rejects.EnumerateArray());
        Assert.Equal(
            (file, 2, Events[1]),
            (reject.GetProperty("file").GetString(), reject.GetProperty("line").GetInt64(), reject.GetProperty("raw").GetString()));
    }
}
