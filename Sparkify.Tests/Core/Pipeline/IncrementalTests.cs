using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Star;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Loads of only what is new: the star is the one that a full load of all files would give.</summary>
public sealed class IncrementalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task RandomLoads_WithNewChangedRepeatedLateAndDeletedFiles_GiveTheStarOfAFullLoadOfTheUnion(int seed)
    {
        RandomFiles files = new(new Random(seed), _folder);
        await using var app = await TestApp.StartAsync(arguments: ["--Sparkify:Load:KeptStars", "9", "--Sparkify:Load:AddAtMost", "100000"]);
        var (adding, whole) = (await ProvisionAsync(app, files.Source), await ProvisionAsync(app, files.Union));
        await LoadAsync(app, adding, LoadMode.Full);
        List<(long Run, Dictionary<string, List<string>> Star)> stars = [];
        for (var load = 0; load < 5; load++)
        {
            files.Change();
            await LoadAsync(app, adding, LoadMode.Incremental);
            await LoadAsync(app, whole, LoadMode.Full);
            var star = await StarAsync(app, adding);
            AssertSame(await StarAsync(app, whole), star);
            stars.Add(((await PublishedAsync(app, adding))!.Value, star)); // that of before, when files were only deleted
        }

        // The files must be worth comparing: plays that repeat others, plays that are found and that are not.
        Assert.NotEqual("(0)", stars[^1].Star["load"].Single());
        var plays = stars[^1].Star["songplays"];
        Assert.InRange(plays.Count(static p => p.Contains("SO", StringComparison.Ordinal)), 10, plays.Count - 10);

        // Every star of before is there again, in any order, and can be added to.
        foreach (var (run, star) in stars.DistinctBy(static s => s.Run).OrderBy(static s => s.Run * 7919 % 13))
        {
            if (run != await PublishedAsync(app, adding))
            {
                await PutBackAsync(app, adding, run);
            }

            AssertSame(star, await StarAsync(app, adding));
        }

        await LoadAsync(app, adding, LoadMode.Incremental);
        AssertSame(await StarAsync(app, whole), await StarAsync(app, adding));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task RandomLoads_OnACluster_GiveTheStarOfAFullLoadOfTheUnion(int seed)
    {
        RandomFiles files = new(new Random(seed), _folder);
        await using var cloud = await CloudWarehouse.ProvisionAsync(bench => UploadAsync(bench, files), maxRejects: 1000);
        await using var whole = await LoadedWarehouse.ProvisionAsync(files.Union, maxRejects: 1000);
        await LoadAsync(cloud.App, cloud.Name, LoadMode.Full);
        List<(long Run, List<string> Star)> stars = [];
        for (var load = 0; load < 4; load++)
        {
            // Not the last time: where an object has changed, all is loaded, and what was deleted is gone.
            files.Change(changing: false);
            await UploadAsync(cloud.Bench, files);
            var run = await LoadAsync(cloud.App, cloud.Name, LoadMode.Incremental);
            var log = await cloud.App.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, default);
            Assert.Contains(log, static l => l.Message.StartsWith("Adds to the star of load", StringComparison.Ordinal));
            await whole.LoadAnywayAsync();
            var star = await CloudStarAsync(cloud.RowsAsync);
            await using var db = await whole.OpenAsync();
            Assert.Equal(await CloudStarAsync(sql => Rows.ReadAsync(db, sql)), star);
            stars.Add(((await PublishedAsync(cloud.App, cloud.Name))!.Value, star));
        }

        if (stars[^2].Run != stars[^1].Run)
        {
            await PutBackAsync(cloud.App, cloud.Name, stars[^2].Run);
            Assert.Equal(stars[^2].Star, await CloudStarAsync(cloud.RowsAsync));
            await LoadAsync(cloud.App, cloud.Name, LoadMode.Incremental);
            Assert.Equal(stars[^1].Star, await CloudStarAsync(cloud.RowsAsync));
        }
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public async Task Stars_KeptWholeAndAsDifferences_ArePutBackInAnyOrder(int seed)
    {
        RandomFiles files = new(new Random(seed), _folder);
        await using var app = await TestApp.StartAsync(
            arguments: ["--Sparkify:Load:KeptStars", "9", "--Sparkify:Load:AddAtMost", "100000"]);
        var warehouse = await ProvisionAsync(app, files.Source);
        Dictionary<long, Dictionary<string, List<string>>> stars = [];
        foreach (var mode in new[]
        {
            LoadMode.Full, LoadMode.Incremental, LoadMode.Incremental, LoadMode.Full, LoadMode.Incremental, LoadMode.Full,
            LoadMode.Incremental,
        })
        {
            await LoadAsync(app, warehouse, mode);
            stars[(await PublishedAsync(app, warehouse))!.Value] = await StarAsync(app, warehouse);
            files.Change();
        }

        foreach (var (run, star) in stars.OrderBy(s => s.Key * seed % 17).Concat(stars.OrderBy(s => s.Key * seed % 13)))
        {
            if (run != await PublishedAsync(app, warehouse))
            {
                await PutBackAsync(app, warehouse, run);
            }

            AssertSame(star, await StarAsync(app, warehouse));
        }
    }

    [Fact]
    public async Task Load_OfNothingNew_ChangesNothing_AndSaysSo()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(1, plays: 4000));
        var first = await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Full);
        var before = await StarAsync(warehouse.App, warehouse.Name);

        var nothing = await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental);

        Assert.Equal(new RunAddition(first.Id, Files: 0), nothing.Adds);
        AssertSame(before, await StarAsync(warehouse.App, warehouse.Name));
        var described = await DescribedAsync(warehouse);
        Assert.Equal(first.Id, described.PublishedRun);
        Assert.True(described.UnchangedAt > described.PublishedAt);
        // Up to date counts as loaded, however long ago the star was built.
        var now = described.UnchangedAt!.Value.AddHours(1);
        Assert.Empty((described with { PublishedAt = now.AddDays(-9), Freshness = new FreshnessLimits(0, LastLoad: 24) }).Stale(now));
        Assert.Single(await warehouse.App.Services.GetRequiredService<IStarVersions>().ListAsync(warehouse.Name, default));

        Write(2, plays: 5);
        var second = await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental);

        Assert.Equal(new RunAddition(first.Id, Files: 1), second.Adds);
        described = await DescribedAsync(warehouse);
        Assert.Equal((second.Id, null), (described.PublishedRun, described.UnchangedAt));
        var stars = await warehouse.App.Services.GetRequiredService<IStarVersions>().ListAsync(warehouse.Name, default);
        Assert.Equal([(second.Id, 4005L), (first.Id, 4000L)], stars.Select(static s => (s.Run, s.Plays!.Value)));
        Assert.True(stars[1].Bytes < stars[0].Bytes, $"{stars[1].Bytes} bytes keep the star of before, the star has {stars[0].Bytes}");
    }

    [Fact]
    public async Task Trust_InAStarThatWasAddedTo_CountsWhatEveryLoadRejected_AndKeepsTheirRecords()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(1, plays: 100, more: "{\"page\": broken}"));
        var first = await warehouse.LoadAsync();
        Write(2, plays: 5, more: "{\"page\": broken, too}");
        var second = await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental);
        Write(3, plays: 5);
        await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental);

        var trust = await warehouse.App.Services.GetRequiredService<IReports>().TrustAsync(warehouse.Name, default);

        Assert.Equal((2, 112, true), (trust!.Rejected, trust.Plays!.EventsRead, trust.Reconciled));
        await using var db = await warehouse.App.Services.GetRequiredService<IStore>().Database.OpenConnectionAsync();
        var old = await db.QueryAsync<long>(RunQueries.Old, new { before = DateTime.UtcNow.AddDays(1) });
        Assert.Empty(old.Intersect([first.Id, second.Id]));
    }

    [Fact]
    public async Task Load_OfWhatIsNew_WithoutAStarToAddTo_LoadsEverything()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(1, plays: 10));
        await SaysAsync(warehouse.App, await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental), "there is no star yet");
        await using (var loader = await warehouse.OpenAsync(WarehouseRole.Loader))
        {
            await loader.ExecuteAsync("drop table dwh.latest_events"); // an earlier version's star has none
        }

        Write(2, plays: 5);
        await SaysAsync(
            warehouse.App, await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental),
            "was built by another version of the application");
        Assert.Equal(["(15)"], await warehouse.RowsAsync("select count(*) from dwh.songplays"));
    }

    [Fact]
    public async Task Load_OfWhatIsNew_WhenThatIsMuch_OrIsReadByOtherRules_LoadsEverything()
    {
        var source = Write(1, plays: 10);
        var paths = Path.Combine(_folder.Path, "paths.json");
        await File.WriteAllTextAsync(paths, Paths("page"));
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            new { events = Path.Combine(_folder.Path, "events"), songs = Path.Combine(_folder.Path, "songs"), jsonPaths = paths });
        Assert.NotNull(source);
        await warehouse.LoadAsync();
        Write(2, plays: 20);
        await SaysAsync(
            warehouse.App, await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental),
            "bytes are new or have changed, and the star was built of");
        Assert.Equal(["(30)"], await warehouse.RowsAsync("select count(*) from dwh.songplays"));

        await File.WriteAllTextAsync(paths, Paths("method"));
        await SaysAsync(
            warehouse.App, await warehouse.App.RunAsync(warehouse.Name, RunKind.Load, LoadMode.Incremental), "were read by other rules");

        static string Paths(string page) => JsonSerializer.Serialize(new
        {
            jsonpaths = StarSchema.StagingEvents.Columns.Select(c => $"$['{(c.JsonKey == "page" ? page : c.JsonKey)}']"),
        });
    }

    [Fact]
    public async Task Load_OnACluster_WhereAnObjectHasChanged_LoadsEverything()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event(item: 1)], [Source.Song()]);
        await cloud.LoadAsync();
        await cloud.PutAsync("log_data/2018/11/events.json", $"{Source.Event(item: 1)}\n{Source.Event(item: 2)}");

        var run = await LoadAsync(cloud.App, cloud.Name, LoadMode.Incremental);

        await SaysAsync(cloud.App, run, "1 object has changed, and a cluster does not tell which of its rows are of which object");
        Assert.Null(run.Adds);
        Assert.Equal(["2"], await cloud.RowsAsync("select count(*) from dwh.songplays"));
    }

    [Fact]
    public async Task NewRecords_ThatCanHardlyBeTrue_AskAPerson_HoweverMuchTheStarHas()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(1, plays: 500));
        await warehouse.LoadAsync();
        Write(2, plays: 30, from: 1541105830); // seconds, where milliseconds are expected

        var run = await warehouse.App.RunAsync(warehouse.Name, RunKind.Load, LoadMode.Incremental);

        Assert.Equal(RunState.NeedsDecision, run.State);
        Assert.Contains("All 30 plays lie before the year 2000", run.Decision!.Asks, StringComparison.Ordinal);
        Assert.Equal(["(500)"], await warehouse.RowsAsync("select count(*) from dwh.songplays"));
        await warehouse.App.Services.GetRequiredService<IRuns>().PublishAsync(run.Id, "It is a test.", Actor.System, default);
        Assert.Equal(RunState.Succeeded, (await warehouse.App.EndAsync(run.Id)).State);
        Assert.Equal(["(530)"], await warehouse.RowsAsync("select count(*) from dwh.songplays"));
    }

    [Fact]
    public async Task Readers_WhileFilesAreAddedAndTakenBack_SeeOneWholeStarAfterAnother()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(1, plays: 300));
        await warehouse.LoadAsync();
        using var done = new CancellationTokenSource();
        var reading = warehouse.SeenAsync(done.Token);
        for (var file = 2; file < 5; file++)
        {
            Write(file, plays: 100);
            await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Incremental);
        }

        var stars = await warehouse.App.Services.GetRequiredService<IStarVersions>().ListAsync(warehouse.Name, default);
        var kept = stars.Single(static s => !s.Published);
        await using (var reader = await warehouse.OpenAsync())
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(
                () => reader.ExecuteAsync($"select count(*) from dwh_load_{kept.Run}.after_songplays"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        await PutBackAsync(warehouse.App, warehouse.Name, kept.Run);
        await done.CancelAsync();
        var seen = await reading;
        Assert.All(seen, static s => Assert.Equal(s.Plays, s.Moments));
        Assert.Equal([300L, 400, 500, 600, 500], seen.Select(static s => s.Plays)
            .Aggregate(new List<long>(), static (all, n) => all.Count > 0 && all[^1] == n ? all : [.. all, n]));
    }

    [Fact]
    public async Task TheWarehousesMode_IsThatOfItsLoads_UnlessOneIsAskedForOtherwise()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(1, plays: 10));
        var (http, path) = (warehouse.App.Http, $"/api/v1/warehouses/{warehouse.Name}");
        using (var answer = await http.PatchAsJsonAsync(path, new { loadMode = "incremental" }))
        {
            Assert.Equal("incremental", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("loadMode").GetString());
        }

        Assert.Equal(LoadMode.Incremental, (await warehouse.LoadAsync()).Mode);
        Assert.Equal(LoadMode.Full, (await LoadAsync(warehouse.App, warehouse.Name, LoadMode.Full)).Mode);
        foreach (var (body, sentence) in new (object, string)[]
        {
            (new { kind = "check", mode = "full" }, "Only a load has a mode; a check has none."),
            (new { kind = "putBack", mode = "incremental" }, "Only a load has a mode"),
            (new { kind = "load", mode = "some" }, "'mode'"),
        })
        {
            using var refused = await http.PostAsJsonAsync($"{path}/runs", body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            var said = await refused.Content.ReadAsStringAsync();
            Assert.True(said.Contains(sentence, StringComparison.Ordinal), said);
        }

        async Task<HttpStatusCode> AskAsync(string mode)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, $"{path}/runs");
            request.Content = JsonContent.Create(new { kind = "load", mode });
            request.Headers.Add("Idempotency-Key", "nightly");
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Accepted, await AskAsync("incremental"));
        Assert.Equal(HttpStatusCode.Accepted, await AskAsync("incremental"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await AskAsync("full"));
        var latest = await warehouse.App.Services.GetRequiredService<IRuns>().LatestAsync(default);
        await warehouse.App.EndAsync(latest.Single(r => r.Warehouse == warehouse.Name && r.Kind == RunKind.Load).Id);
    }

    private object Write(int file, int plays, long from = 1541105830796, string? more = null)
    {
        var (events, songs) = (Path.Combine(_folder.Path, "events"), Path.Combine(_folder.Path, "songs"));
        Directory.CreateDirectory(events);
        Directory.CreateDirectory(songs);
        File.WriteAllLines(
            Path.Combine(events, $"{file}.json"),
            Enumerable.Range(0, plays).Select(i => Source.Event(item: i, ts: from + (file * 86_400_000L) + i))
                .Concat(more is null ? [] : [more]));
        var song = Path.Combine(songs, "1.json");
        if (!File.Exists(song))
        {
            File.WriteAllText(song, Source.Song());
        }

        return new { events, songs };
    }

    private static Task<Warehouse> DescribedAsync(LoadedWarehouse warehouse) =>
        warehouse.App.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse.Name, default);

    private static async Task SaysAsync(TestApp app, RunView run, string sentence) => Assert.Contains(
        await app.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, default),
        line => line.Message.Contains(sentence, StringComparison.Ordinal));

    private static async Task<string> ProvisionAsync(TestApp app, object source)
    {
        var name = TestApp.NewName();
        await app.CreateAsync(name, source, maxRejects: 1000);
        var run = await app.RunAsync(name, RunKind.Provision);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        return name;
    }

    private static async Task<RunView> LoadAsync(TestApp app, string warehouse, LoadMode mode)
    {
        var run = await app.RunAsync(warehouse, RunKind.Load, mode);
        if (run.State == RunState.NeedsDecision)
        {
            await app.Services.GetRequiredService<IRuns>().PublishAsync(run.Id, "It is a test.", Actor.System, default);
            run = await app.EndAsync(run.Id);
        }

        Assert.True(run.State == RunState.Succeeded, run.Error);
        return run;
    }

    private static async Task PutBackAsync(TestApp app, string warehouse, long star)
    {
        var runs = app.Services.GetRequiredService<IRuns>();
        var run = await app.EndAsync((await runs.StartAsync(warehouse, RunKind.PutBack, Actor.System, default, star: star)).Id);
        Assert.True(run.State == RunState.Succeeded, run.Error);
    }

    private static async Task<long?> PublishedAsync(TestApp app, string warehouse) =>
        (await app.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse, default)).PublishedRun;

    // Rows with their file's name in the place of its number.
    private static async Task<Dictionary<string, List<string>>> StarAsync(TestApp app, string warehouse)
    {
        var described = await app.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse, default);
        await using var db = await app.Services.GetRequiredService<IWarehouseDatabases>().Open(described, WarehouseRole.Loader)
            .OpenConnectionAsync();
        Dictionary<string, List<string>> star = [];
        star["files"] = await RowsAsync(db, "select part, name, bytes from dwh.source_files");
        foreach (var table in (string[])["songplays", "users", "songs", "artists", "time"])
        {
            star[table] = await RowsAsync(db, $"select * from dwh.{table}");
        }

        foreach (var table in (string[])["staging_events", "staging_songs"])
        {
            star[table] = await RowsAsync(
                db, $"select f.name, s.line, to_jsonb(s) - 'file_id' from dwh.{table} s join dwh.source_files f using (file_id)");
        }

        star["counts"] = await RowsAsync(db, "select part, staged from dwh.load_counts");
        star["load"] = await RowsAsync(db, "select repeated_plays from dwh.load");
        star["plays"] = await app.Services.GetRequiredService<ITables>().PlaysAsync(warehouse, default) is { } plays
            ? [string.Create(CultureInfo.InvariantCulture, $"{plays.Plays} {plays.MatchedPlays} {plays.RepeatedPlays} {plays.Days}")] : [];
        return star;
    }

    private static async Task<List<string>> RowsAsync(NpgsqlConnection db, string sql) =>
        (await db.QueryAsync<string>($"select t::text from ({sql}) t order by 1")).AsList();

    private static void AssertSame(Dictionary<string, List<string>> expected, Dictionary<string, List<string>> actual)
    {
        foreach (var (table, rows) in expected)
        {
            var (missing, more) = (rows.Except(actual[table]).ToList(), actual[table].Except(rows).ToList());
            Assert.True(
                missing.Count + more.Count == 0 && rows.Count == actual[table].Count,
                $"{table}: {rows.Count} rows expected, {actual[table].Count} there.\nMissing:\n{string.Join('\n', missing.Take(10))}\n" +
                $"Too many:\n{string.Join('\n', more.Take(10))}");
        }
    }

    private static async Task UploadAsync(SimulatedApp bench, RandomFiles files)
    {
        foreach (var (part, prefix) in new[] { ("events", "log_data/"), ("songs", "song_data/") })
        {
            await foreach (var item in bench.Aws.S3.ListAsync(SimulatedApp.Bucket, prefix, default))
            {
                if (!File.Exists(Path.Combine(files.Folder, part, Path.GetFileName(item.Key))))
                {
                    await bench.Aws.S3.DeleteAsync(SimulatedApp.Bucket, item.Key, default);
                }
            }

            await CloudWarehouse.UploadAsync(bench, Path.Combine(files.Folder, part), prefix.TrimEnd('/'));
        }
    }

    private static async Task<List<string>> CloudStarAsync(Func<string, Task<List<string>>> rowsAsync)
    {
        List<string> star = [];
        foreach (var table in (string[])["songplays", "users", "songs", "artists", "time", "staging_events", "staging_songs"])
        {
            var columns = string.Join(", ", StarSchema.Table(table).Columns.Select(static c => c.Name));
            star.AddRange((await rowsAsync($"select {columns} from dwh.{table}")).Select(row => $"{table}: {row}"));
        }

        return star;
    }
}
