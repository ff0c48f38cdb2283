using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
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

    /// <summary>A source that changes by chance, and beside it the union of all that was ever in it.</summary>
    private sealed class RandomFiles
    {
        private static readonly string[] Pages = ["NextSong", "NextSong", "NextSong", "Home"];
        private static readonly string[] Names = ["Ann", "Anna", "", ""];
        private readonly Random _random;
        private readonly string _source;
        private readonly string _union;
        private int _made;

        public RandomFiles(Random random, TempFolder folder)
        {
            (_random, _source, _union) = (random, Path.Combine(folder.Path, "source"), Path.Combine(folder.Path, "union"));
            for (var file = 0; file < 4; file++)
            {
                Write("events", Events(30));
                Write("songs", Songs(3));
            }

            Unite();
        }

        public object Source => At(_source);

        public object Union => At(_union);

        /// <summary>Adds, changes, repeats and deletes some files.</summary>
        public void Change()
        {
            foreach (var part in (string[])["events", "songs"])
            {
                // Sometimes one part alone.
                for (var change = part == "events" ? _random.Next(1, 4) : _random.Next(-1, 3); change > 0; change--)
                {
                    var files = Directory.GetFiles(Path.Combine(_source, part)).Order(StringComparer.Ordinal).ToList();
                    var file = files[_random.Next(files.Count)];
                    switch (_random.Next(6))
                    {
                        case 0 when files.Count > 2:
                            File.Delete(file);
                            break;
                        case 1:
                            Write(part, File.ReadAllText(file)); // the same once more
                            break;
                        case 2:
                            Write(part, part == "events" ? Events(25) : Songs(2), Path.GetFileName(file));
                            break;
                        default:
                            Write(part, part == "events" ? Events(15) : Songs(2));
                            break;
                    }
                }
            }

            Unite();
        }

        private static object At(string folder) => new { events = Path.Combine(folder, "events"), songs = Path.Combine(folder, "songs") };

        private void Write(string part, string text, string? name = null)
        {
            Directory.CreateDirectory(Path.Combine(_source, part));
            File.WriteAllText(Path.Combine(_source, part, name ?? $"{_made:D4}.json"), text);
            _made++;
        }

        // What a load will see; what was deleted stays here.
        private void Unite()
        {
            foreach (var file in Directory.GetFiles(_source, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(_union, Path.GetRelativePath(_source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to, overwrite: true);
            }
        }

        private string Events(int count) => string.Join('\n', Enumerable.Range(0, count).Select(_ => string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"artist":"A{{_random.Next(2)}}","auth":"Logged In","firstName":"{{One(Names)}}","gender":"{{One(["F", "M", ""])}}","itemInSession":{{_random.Next(6)}},"lastName":"{{One(Names)}}","length":{{One(["100.5", "200.25", "null"])}},"level":"{{One(["free", "paid"])}}","location":"{{One(["Here", "There", ""])}}","method":"PUT","page":"{{One(Pages)}}","registration":1540919166796.0,"sessionId":{{One(["1", "2", "3", "4", "5", "6", "null"])}},"song":"T{{_random.Next(4)}}","status":200,"ts":{{One(["null", $"{1541105830796 + (_random.Next(4) * 86_400_000L)}", $"{1541105830796 + _random.Next(40)}"])}},"userAgent":"Mozilla","userId":"{{One(["1", "2", "3", "4", "5", ""])}}"}
            """)));

        private string Songs(int count) => string.Join('\n', Enumerable.Range(0, count).Select(_ => string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"num_songs":1,"artist_id":"AR{{_random.Next(3)}}","artist_latitude":{{One(["null", "1.5"])}},"artist_longitude":null,"artist_location":"{{One(["", "Here"])}}","artist_name":"A{{_random.Next(2)}}","song_id":"SO{{_random.Next(8)}}","title":"T{{_random.Next(4)}}","duration":{{One(["100.5", "200.25"])}},"year":{{One(["0", "1999"])}}}
            """)));

        private string One(string[] of) => of[_random.Next(of.Length)];
    }
}
