using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Aws;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>Loads on the simulator's Redshift.</summary>
public sealed class RedshiftLoadTests
{
    private static readonly string[] Star = ["songplays", "users", "songs", "artists", "time"];

    [RealDataFact]
    public async Task Load_OfTheRealDays_GivesTheLocalStarRowForRow()
    {
        var paths = Path.Combine(RealData.Folder!, "log_json_path.json");
        await using var local = await LoadedWarehouse.ProvisionAsync(
            new { events = RealData.Events, songs = RealData.Songs, jsonPaths = paths });
        await local.LoadAsync();
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                await CloudWarehouse.UploadAsync(bench, RealData.Events, "log_data");
                await CloudWarehouse.UploadAsync(bench, RealData.Songs, "song_data");
                await CloudWarehouse.PutAsync(bench, "log_json_path.json", await File.ReadAllBytesAsync(paths));
            },
            new { events = "s3://music/log_data", songs = "s3://music/song_data", jsonPaths = "s3://music/log_json_path.json" });

        await cloud.LoadAsync();

        await AssertSameStarAsync(local, cloud);
        Assert.Equal((await local.App.CountsAsync(local.Name)).OrderBy(c => c.Key), (await cloud.App.CountsAsync(cloud.Name))
            .OrderBy(c => c.Key));
    }

    [Fact]
    public async Task Load_OfTheSample_GivesTheLocalStarRowForRow_TwiceTheSame()
    {
        await using var local = await LoadedWarehouse.ProvisionAsync(
            new { sample = new { seed = 5, days = 5, events = 4000, songs = 700 } });
        Assert.Equal(0, (await local.LoadAsync()).Warnings);
        var events = Directory.EnumerateDirectories(local.App.DataDirectory, "log_data", SearchOption.AllDirectories).Single();
        await using var cloud = await CloudWarehouse.ProvisionAsync(async bench =>
        {
            await CloudWarehouse.UploadAsync(bench, events, "log_data");
            await CloudWarehouse.UploadAsync(bench, Path.Combine(Path.GetDirectoryName(events)!, "song_data"), "song_data");
        });

        var run = await cloud.LoadAsync();

        await AssertSameStarAsync(local, cloud);
        Assert.Equal(4000, run.Steps.Single(s => s.Name == "stage-events").Rows);
        Assert.Contains("songs: 700 objects", run.Steps.Single(s => s.Name == "compact").Message, StringComparison.Ordinal);
        Assert.Empty(await cloud.KeysAsync("sparkify-staging/"));

        Assert.Equal((0, 0), (run.Warnings, (await cloud.LoadAsync()).Warnings));
        await AssertSameStarAsync(local, cloud);
    }

    [Fact]
    public async Task Load_OfEverySpecialCase_GivesTheLocalStarRowForRow()
    {
        string[] events =
        [
            Source.Event(item: 1, song: "B"), Source.Event(item: 1, song: "A"), Source.Event(
                item: 1, song: "A", artist: "Z"), Source.Event(item: 2),
            Source.Event("Home", item: 3, level: "paid", ts: 1541105830799), Source.Event(user: "", ts: 4000, item: 5), Source.Event(
                "Home", user: "", item: 6, first: null),
            Source.Event(item: 7, length: 1e308), Source.Event(item: 8, length: -1e300), Source.Event(
                item: 9, song: null, artist: null, length: null),
            Source.Event(item: 10, ts: -1), Source.Event(item: 11, location: ""), Source.Event(
                item: 12, song: "É|'\\\"", artist: "日本"), Source.Event(user: "2", item: 13, session: int.MaxValue),
            """{"page":"NextSong","itemInSession":14,"sessionId":7,"userId":"3"}""", """{"page":"NextSong","userId":"3","level":"paid","ts":1541105830796,"sessionId":7}""",
        ];
        string[] songs =
        [
            Source.Song("SO9"), Source.Song("SO2"), Source.Song("SO5"), Source.Song("SO5", title: "", year: 0), Source.Song(
                "SO6", artist: "AR1", name: "", location: "Here", latitude: 1),
            Source.Song("SO7", artist: "AR1", name: "Zed", location: "There", latitude: 2, longitude: 3), Source.Song(
                "", "No id"), Source.Song("SO8", artist: "", name: "Nobody"),
            Source.Song("SO10", duration: 1e308), Source.Song("SO11", title: "É|'\\\"", name: "日本", artist: "AR2"),
        ];
        using var folder = new TempFolder();
        await using var local = await LoadedWarehouse.ProvisionAsync(Source.Write(folder, events, songs));
        await local.LoadAsync();
        await using var cloud = await CloudWarehouse.ProvisionAsync(events, songs);

        await cloud.LoadAsync();

        await AssertSameStarAsync(local, cloud);
        var plays = await cloud.App.Http.GetStringAsync($"/api/v1/warehouses/{cloud.Name}/plays");
        Assert.Equal(await local.App.Http.GetStringAsync($"/api/v1/warehouses/{local.Name}/plays"), plays);
    }

    [Fact]
    public async Task Load_OfPlainAndCompressedObjects_TakesBoth()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(async bench =>
        {
            await CloudWarehouse.PutAsync(bench, "log_data/1.json", Source.Event(item: 1));
            await CloudWarehouse.PutAsync(bench, "log_data/2.json.gz", Gzip(Source.Event(item: 2) + "\n" + Source.Event(item: 3)));
            await CloudWarehouse.PutAsync(bench, "log_data/empty.json", "");
            await CloudWarehouse.PutAsync(bench, "song_data/1.json", Source.Song());
        });

        await cloud.LoadAsync();

        Assert.Equal(["1", "2", "3"], await cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    [Fact]
    public async Task Load_FromABucketInAnotherRegion_TellsTheCopyWhere()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            bench => FarAsync(
                bench, "log_data/1.json", Source.Event(), "song_data/1.json",
                Source.Song()), new { events = "s3://far/log_data", songs = "s3://far/song_data" });

        await cloud.LoadAsync();

        Assert.Equal(["SO1"], await cloud.RowsAsync("select song_id from dwh.songplays"));
    }

    [Fact]
    public async Task Load_OfPartsInTwoRegions_SaysWhatToDo()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                await CloudWarehouse.PutAsync(bench, "log_data/1.json", Source.Event());
                await FarAsync(bench, "song_data/1.json", Source.Song());
            }, new { events = "s3://music/log_data", songs = "s3://far/song_data" });

        var refused = await cloud.RefusedLoadAsync();

        Assert.Contains("s3://far/song_data/ is in eu-central-1, and the staging location with the manifest in us-west-2; a COPY reads from one region only", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_WithAStagingLocation_WritesThereAndNowhereElse()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                bench.Simulator.CreateBucket("scratch");
                await bench.Aws.S3.PutAsync("scratch", "mine/keep.json", new MemoryStream([1]), default);
                await CloudWarehouse.PutAsync(bench, "log_data/1.json", Source.Event());
                await CloudWarehouse.PutAsync(bench, "song_data/1.json", Source.Song());
            }, redshift: new { stagingLocation = "s3://scratch/mine" });
        cloud.Bench.Simulator.Faults.HoldCopies();
        var run = await cloud.StartAsync();

        var written = await Eventually.BecomesAsync(
            async () =>
                (await cloud.Bench.Aws.S3.ListAsync("scratch", "", default).ToListAsync()).ConvertAll(i => i.Key), keys => keys.Count == 3);
        cloud.Bench.Simulator.Faults.ReleaseCopies();

        Assert.Equal(
            ["mine/keep.json", $"mine/sparkify-staging/{cloud.Name}/{run}/events-plain.manifest", $"mine/sparkify-staging/{cloud.Name}/{run}/events.jsonpaths"], written);
        Assert.Equal("succeeded", (await cloud.App.EndAsync(run)).State.ToString().ToLowerInvariant());
        Assert.Equal(["mine/keep.json"], (await cloud.Bench.Aws.S3.ListAsync("scratch", "", default).ToListAsync()).Select(i => i.Key));
        Assert.Empty(await cloud.KeysAsync("sparkify-staging/"));
    }

    [Fact]
    public async Task Progress_WhileTheClusterReads_IsSeen()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(async bench =>
        {
            await CloudWarehouse.PutAsync(bench, "log_data/1.json", Source.Event(item: 1) + "\n" + Source.Event(item: 2));
            await CloudWarehouse.PutAsync(bench, "log_data/2.json", Source.Event(item: 3));
            await CloudWarehouse.PutAsync(bench, "song_data/1.json", Source.Song());
        });
        cloud.Bench.Simulator.Faults.HoldCopies(afterRecords: 2);
        var run = await cloud.StartAsync();

        await Eventually.BecomesAsync(() => cloud.Bench.GetAsync($"/api/v1/runs/{run}"), view => view.GetProperty("steps").EnumerateArray()
            .Any(s =>
            s.GetProperty("name").GetString() == "stage-events" && s.GetProperty("state").GetString() == "running"
            && Number(s, "rows") == 2 && Number(s, "files") == 1 && Number(s, "totalFiles") == 2));
        cloud.Bench.Simulator.Faults.ReleaseCopies();

        Assert.Equal(3, (await cloud.App.EndAsync(run)).Steps.Single(s => s.Name == "stage-events").Rows);

        static long? Number(System.Text.Json.JsonElement step, string name) =>
            step.TryGetProperty(name, out var value) && value.ValueKind == System.Text.Json.JsonValueKind.Number ? value.GetInt64() : null;
    }

    [Fact]
    public async Task Statements_OfAWholeRun_AreAllRedshifts()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event()], [Source.Song()]);
        await cloud.LoadAsync();
        await cloud.LoadAsync();

        await using var db = await cloud.OpenAsync(WarehouseRole.Loader);
        var sent = await Rows.ReadAsync(db, "select distinct trim(query_text) from sys_query_history");

        foreach (var begin in (string[])["copy dwh_build.staging_events", "create table if not exists dwh.songplays", "insert into dwh_build.users", "delete from dwh.songs", "analyze dwh.time", "grant select on"])
        {
            Assert.Contains(sent, s => s.Contains(begin, StringComparison.OrdinalIgnoreCase));
        }

        Assert.All(sent, statement => Assert.True(
            RedshiftRules.Problems(statement).Count == 0, $"{string.Join(", ", RedshiftRules.Problems(statement))}: {statement}"));
    }

    private static async Task FarAsync(SimulatedApp bench, params string[] keysAndTexts)
    {
        bench.Simulator.CreateBucket("far", "eu-central-1");
        var s3 = (await bench.App.Services.GetRequiredService<IAws>().ForAsync(new AwsPlace("eu-central-1", Simulated: true), default)).S3;
        foreach (var pair in keysAndTexts.Chunk(2))
        {
            await s3.PutAsync("far", pair[0], new MemoryStream(Encoding.UTF8.GetBytes(pair[1])), CancellationToken.None);
        }
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static async Task AssertSameStarAsync(LoadedWarehouse local, CloudWarehouse cloud)
    {
        await using var here = await local.OpenAsync();
        foreach (var table in Star)
        {
            var columns = string.Join(", ", StarSchema.Table(table).Columns.Select(c => c.Name));
            var (one, other) = (await Rows.ReadAsync(
                here, $"select {columns} from dwh.{table}"), await cloud.RowsAsync($"select {columns} from dwh.{table}"));
            Assert.NotEmpty(one);
            Assert.Equal(one, other);
            Assert.Equal(Checksum(one), Checksum(other));
        }

        static string Checksum(List<string> rows) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))));
    }
}
