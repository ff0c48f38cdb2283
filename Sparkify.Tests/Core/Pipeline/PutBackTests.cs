using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>The stars of before: kept, put back, dropped.</summary>
public sealed class PutBackTests : IDisposable
{
    private const string Kept = "select nspname from pg_namespace where nspname like 'dwh%' order by 1";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PutBack_TheStarOfBefore_IsSeenByteForByte_AndSoIsTheOtherAgain()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 12));
        await RefusedAsync(warehouse.App, warehouse.Name, star: null, "No star of before is kept");
        var first = await warehouse.LoadAsync();
        var before = await StarAsync(warehouse.RowsAsync);
        await RefusedAsync(warehouse.App, warehouse.Name, star: null, "No star of before is kept");
        Write(plays: 20);
        var second = await warehouse.LoadAsync();
        var after = await StarAsync(warehouse.RowsAsync);
        Assert.NotEqual(before, after);
        var versions = await VersionsAsync(warehouse.App, warehouse.Name);
        Assert.Equal([(second.Id, true, 20L), (first.Id, false, 12L)], versions.Select(static v => (v.Run, v.Published, v.Plays!.Value)));
        Assert.All(versions, static v => Assert.True(v.Bytes > 8192));

        var back = await PutBackAsync(warehouse.App, warehouse.Name, star: null);

        Assert.Equal((RunState.Succeeded, first.Id), (back.State, back.Star));
        Assert.Equal(before, await StarAsync(warehouse.RowsAsync));
        var described = await warehouse.App.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse.Name, default);
        Assert.Equal((first.Id, back.Id), (described.PublishedRun, described.PutBackBy));
        Assert.Equal(versions[1].PublishedAt, described.PublishedAt);
        Assert.Equal(12, (await warehouse.App.Services.GetRequiredService<ITables>().PlaysAsync(warehouse.Name, default))!.Plays);
        var trust = await warehouse.App.Services.GetRequiredService<IReports>().TrustAsync(warehouse.Name, default);
        Assert.Equal((first.Id, back.Id, true), (trust!.Version.Run, trust.Version.PutBackBy, trust.Reconciled));
        Assert.Equal(
            [(first.Id, true), (second.Id, false)],
            (await VersionsAsync(warehouse.App, warehouse.Name)).Select(static v => (v.Run, v.Published)));
        await RefusedAsync(warehouse.App, warehouse.Name, first.Id, $"Readers see the star of load {first.Id} already");
        await RefusedAsync(warehouse.App, warehouse.Name, 4711, $"Kept are those of load {second.Id}.");

        await PutBackAsync(warehouse.App, warehouse.Name, second.Id);
        Assert.Equal(after, await StarAsync(warehouse.RowsAsync));
    }

    [Fact]
    public async Task Loads_KeepAsManyStarsOfBeforeAsAreWanted_ThoseReplacedLast()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Write(plays: 10), arguments: ["--Sparkify:Load:KeptStars", "2"]);
        List<long> loads = [];
        for (var plays = 10; plays < 14; plays++)
        {
            Write(plays);
            loads.Add((await warehouse.LoadAsync()).Id);
        }

        Assert.Equal(["dwh", $"dwh_load_{loads[1]}", $"dwh_load_{loads[2]}"], await SchemasAsync(warehouse));
        // Put back, the second counts as replaced only when the next load comes: then it is the newest of before.
        await PutBackAsync(warehouse.App, warehouse.Name, loads[1]);
        Write(plays: 15);
        var last = (await warehouse.LoadAsync()).Id;

        Assert.Equal(["dwh", $"dwh_load_{loads[1]}", $"dwh_load_{loads[3]}"], await SchemasAsync(warehouse));
        Assert.Equal([last, loads[1], loads[3]], (await VersionsAsync(warehouse.App, warehouse.Name)).Select(static v => v.Run));
    }

    [Fact]
    public async Task Loads_ThatAreToKeepNone_KeepNone()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Write(plays: 10), arguments: ["--Sparkify:Load:KeptStars", "0"]);
        await warehouse.LoadAsync();
        var run = await warehouse.LoadAsync();

        Assert.Equal(["dwh"], await SchemasAsync(warehouse));
        Assert.Equal(run.Id, Assert.Single(await VersionsAsync(warehouse.App, warehouse.Name)).Run);
    }

    [Fact]
    public async Task PutBack_OfAStarThatSomebodyDropped_FailsWithASentenceAndReadersSeeWhatTheySaw()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 10));
        var first = await warehouse.LoadAsync();
        Write(plays: 12);
        await warehouse.LoadAsync();
        var seen = await StarAsync(warehouse.RowsAsync);
        await using (var loader = await warehouse.OpenAsync(WarehouseRole.Loader))
        {
            await loader.ExecuteAsync($"drop schema dwh_load_{first.Id} cascade");
        }

        var run = await TryPutBackAsync(warehouse.App, warehouse.Name, first.Id);

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains($"The star of load {first.Id} is not in the schema dwh_load_{first.Id} any more", run.Error);
        Assert.Equal(seen, await StarAsync(warehouse.RowsAsync));
    }

    [Fact]
    public async Task Readers_WhileStarsArePutBackAndForth_SeeOneWholeStarAfterAnother_AndNeverOneThatIsKept()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 100));
        var first = await warehouse.LoadAsync();
        Write(plays: 200);
        await warehouse.LoadAsync();
        await using (var reader = await warehouse.OpenAsync())
        {
            var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(
                () => reader.ExecuteAsync($"select count(*) from dwh_load_{first.Id}.songplays"));
            Assert.Equal(Npgsql.PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        using var done = new CancellationTokenSource();
        var reading = warehouse.SeenAsync(done.Token);
        for (var times = 0; times < 4; times++)
        {
            await PutBackAsync(warehouse.App, warehouse.Name, star: null);
        }

        await done.CancelAsync();
        var seen = await reading;
        Assert.All(seen, static s => Assert.Equal(s.Plays, s.Moments));
        Assert.Equal([200L, 100, 200, 100, 200], seen.Select(static s => s.Plays)
            .Aggregate(new List<long>(), static (all, n) => all.Count > 0 && all[^1] == n ? all : [.. all, n]));
    }

    [Fact]
    public async Task PutBack_OnRedshift_IsTheStarOfBefore_WithoutTheSource()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(Events(12), [Source.Song()]);
        var first = await cloud.LoadAsync();
        var before = await StarAsync(cloud.RowsAsync);
        await cloud.PutAsync("log_data/2018/11/events.json", string.Join('\n', Events(20)));
        var second = await cloud.LoadAsync();
        var after = await StarAsync(cloud.RowsAsync);
        Assert.NotEqual(before, after);
        Assert.Equal(
            [(second.Id, 20L), (first.Id, 12L)],
            (await VersionsAsync(cloud.App, cloud.Name)).Select(static v => (v.Run, v.Plays!.Value)));

        var back = await PutBackAsync(cloud.App, cloud.Name, star: null);

        Assert.Equal(first.Id, back.Star);
        Assert.Equal(before, await StarAsync(cloud.RowsAsync));
        await PutBackAsync(cloud.App, cloud.Name, second.Id);
        Assert.Equal(after, await StarAsync(cloud.RowsAsync));
        // And a load on from there, which keeps what readers saw last.
        await cloud.PutAsync("log_data/2018/11/events.json", string.Join('\n', Events(22)));
        var third = await cloud.LoadAsync();
        Assert.Equal([third.Id, second.Id], (await VersionsAsync(cloud.App, cloud.Name)).Select(static v => v.Run));
        await using (var loader = await cloud.OpenAsync(WarehouseRole.Loader))
        {
            Assert.Equal(["dwh", "dwh_build", $"dwh_load_{second.Id}"], await Rows.ReadAsync(loader, Kept));
        }

        await PutBackAsync(cloud.App, cloud.Name, star: null);
        Assert.Equal(after, await StarAsync(cloud.RowsAsync));
    }

    [Fact]
    public async Task Load_OnRedshift_WhoseStarOfBeforeIsKeptAlready_IsLoadedAllTheSame()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(Events(12), [Source.Song()]);
        var first = await cloud.LoadAsync();
        await using (var loader = await cloud.OpenAsync(WarehouseRole.Loader))
        {
            // As a load leaves it that had published and began anew.
            foreach (var statement in (string[])[
                $"create schema dwh_load_{first.Id}", $"create table dwh_load_{first.Id}.load (run bigint)",
                $"insert into dwh_load_{first.Id}.load values ({first.Id})"])
            {
                await loader.ExecuteAsync(statement);
            }
        }

        await cloud.PutAsync("log_data/2018/11/events.json", string.Join('\n', Events(14)));
        await cloud.LoadAsync();

        Assert.Equal(["14"], await cloud.RowsAsync("select count(*) from dwh.songplays"));
    }

    [Fact]
    public async Task Start_WithAStarForAnotherKindOfRun_IsRefused()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 10));
        using var answer = await warehouse.App.Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{warehouse.Name}/runs", new { kind = "load", star = 1 });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(
            "Only a run of the kind 'putBack' is about a star", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Events(int plays) =>
        Enumerable.Range(0, plays).Select(static i => Source.Event(item: i, ts: 1541105830796 + i));

    private object Write(int plays) => Source.Write(_folder, Events(plays), [Source.Song()]);

    private static async Task<List<string>> StarAsync(Func<string, Task<List<string>>> rowsAsync)
    {
        List<string> all = [];
        foreach (var table in (string[])["songplays", "users", "songs", "artists", "time", "staging_events", "staging_songs"])
        {
            all.AddRange((await rowsAsync($"select * from dwh.{table}")).Order(StringComparer.Ordinal).Select(row => $"{table}: {row}"));
        }

        return all;
    }

    private static async Task<List<string>> SchemasAsync(LoadedWarehouse warehouse)
    {
        await using var db = await warehouse.OpenAsync(WarehouseRole.Loader);
        return (await db.QueryAsync<string>(Kept)).AsList();
    }

    private static Task<IReadOnlyList<StarVersion>> VersionsAsync(TestApp app, string warehouse) =>
        app.Services.GetRequiredService<IStarVersions>().ListAsync(warehouse, default);

    private static async Task<RunView> PutBackAsync(TestApp app, string warehouse, long? star)
    {
        var run = await TryPutBackAsync(app, warehouse, star);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        return run;
    }

    private static async Task<RunView> TryPutBackAsync(TestApp app, string warehouse, long? star)
    {
        using var answer = await app.Http.PostAsJsonAsync($"/api/v1/warehouses/{warehouse}/runs", new { kind = "putBack", star });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await app.EndAsync((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
    }

    private static async Task RefusedAsync(TestApp app, string warehouse, long? star, string sentence)
    {
        using var answer = await app.Http.PostAsJsonAsync($"/api/v1/warehouses/{warehouse}/runs", new { kind = "putBack", star });
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
