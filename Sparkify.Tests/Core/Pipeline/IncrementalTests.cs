using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Star;
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
        await using var app = await TestApp.StartAsync(arguments: ["--Sparkify:Load:KeptStars", "9"]);
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
        Assert.InRange(stars[^1].Star["songplays"].Count(static p => p.Contains("SO", StringComparison.Ordinal)), 10, stars[^1].Star["songplays"].Count - 10);

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
            star[table] = await RowsAsync(db, $"select f.name, s.line, to_jsonb(s) - 'file_id' from dwh.{table} s join dwh.source_files f using (file_id)");
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
