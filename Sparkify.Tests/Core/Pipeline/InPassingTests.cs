using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>
/// Plays, users and moments are made in passing, or by the server when there is no memory for that: both give the same star.
/// </summary>
public sealed class InPassingTests(InPassingTests.TwoApps apps) : IClassFixture<InPassingTests.TwoApps>, IDisposable
{
    private static readonly string[] Pages = ["NextSong", "NextSong", "NextSong", "NextSong", "NextSong", "Home", "nextsong", "NextSong ", ""];

    private static readonly string[] Times =
    [
        "1541105830796", "1541105830796.4", "1541105830796.0005", "1541105830797.9999", "\"1541105830799\"", "-1", "-62135596800000",
        "253402300799999", "0", "null", "999999999999.5", "1541105830.796e3",
    ];

    private static readonly string[] Sessions = ["1", "2", "-3", "9223372036854775807", "-9223372036854775808", "null", "5.0"];
    private static readonly string[] Users = ["1", "", "日本語", "7 ", "0007", "x", new('u', 64)];

    private static readonly string[] FirstNames = ["Ann", "Anna", "ann", "", ""];
    private static readonly string[] LastNames = ["Lee", "Li", "Løv", "", ""];

    private static readonly string[] Names =
        ["Song", "song", "", "Müller", "Mu\\u0308ller", "a \\\"quoted\\\" one", "tab\\tbed", "slash\\/ed", "😀", "\\ud83d\\ude00", "null"];

    // What is found by 5 decimals, halves that round to even, and what is beyond any song.
    private static readonly string[] Lengths =
    [
        "200.5", "200.500001", "200.5000049", "200.500005", "200.500015", "0.000005", "0.000015", "-0.0", "0", "1e308", "-1e300", "999999999.9",
        "1000000000", "null",
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_events_give_the_same_star_either_way(int seed)
    {
        Random random = new(seed);
        var source = Source.Write(
            _folder, Enumerable.Range(0, 3000).Select(_ => Event(random)), Enumerable.Range(0, 60).Select(_ => Song(random)));

        var (passing, log) = await StarAsync(apps.Passing, source);
        var (byServer, serversLog) = await StarAsync(apps.ByServer, source);

        Assert.DoesNotContain("in passing", log, StringComparison.Ordinal);
        Assert.Contains("Building songplays and time and users in passing would take more than 0 bytes", serversLog, StringComparison.Ordinal);
        AssertSame(byServer, passing);

        // The data must be worth comparing: plays that are found, that are not, and that repeat another one.
        var plays = passing["songplays"];
        Assert.InRange(plays.Count(static p => p.Contains("SO", StringComparison.Ordinal)), 50, plays.Count - 50);
        Assert.NotEqual("(0)", passing["load"].Single());

        // Some of whom a name was never known, and some whose latest event has none.
        Assert.InRange(passing["users"].Count(static u => u.Contains("Ann", StringComparison.Ordinal)), 50, passing["users"].Count - 5);
    }

    // The catalogue takes about 10,000 bytes, users a piece of 65,536 for each worker, and moments less than any.
    [Theory]
    [InlineData(2_000, "songplays and users")]
    [InlineData(40_000, "users")]
    [InlineData(1_000_000, null)]
    public async Task What_does_not_fit_is_left_to_the_server(int bytes, string? left)
    {
        Random random = new(bytes);
        await using var app = await TestApp.StartAsync(arguments: ["--Sparkify:Load:InPassingBytes", $"{bytes}"]);
        var source = Source.Write(
            _folder, Enumerable.Range(0, 1000).Select(_ => Event(random)),
            Enumerable.Range(0, 100).Select(static i => Source.Song($"SO{i}", duration: 200.5 + i)));

        var (star, log) = await StarAsync(app, source);
        var (byServer, _) = await StarAsync(apps.ByServer, source);

        AssertSame(byServer, star);
        if (left is null)
        {
            Assert.DoesNotContain("in passing", log, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"Building {left} in passing would take more than {bytes:N0} bytes", log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_catalogue_of_many_songs_is_found_either_way()
    {
        var songs = Enumerable.Range(0, 100_000).Select(static i => Source.Song(
            $"SO{i:D6}", title: $"Title {i % 50_000}", duration: 100 + (i / 1000.0)));
        var events = Enumerable.Range(0, 2_000).Select(static i => Source.Event(
            item: i, ts: 1541105830796 + i, song: $"Title {i * 37 % 60_000}", length: 100 + (i * 37 % 60_000 / 1000.0)));
        var source = Source.Write(_folder, events, songs);

        var (passing, log) = await StarAsync(apps.Passing, source);
        var (byServer, _) = await StarAsync(apps.ByServer, source);

        Assert.DoesNotContain("in passing", log, StringComparison.Ordinal);
        AssertSame(byServer, passing);
        Assert.InRange(passing["songplays"].Count(static p => p.Contains("SO0", StringComparison.Ordinal)), 1_000, 1_999);
    }

    private static void AssertSame(Dictionary<string, List<string>> expected, Dictionary<string, List<string>> actual)
    {
        foreach (var (table, rows) in expected)
        {
            Assert.Equal((table, rows.Count), (table, actual[table].Count));
            Assert.Equal(rows, actual[table]);
        }
    }

    private static string Event(Random random) =>
        $$"""
        {"artist":{{Text(random, Names)}},"firstName":{{Text(random, FirstNames)}},"gender":{{Text(random, ["F", "M", ""])}},"itemInSession":{{(random.Next(10) == 0 ? "null" : random.Next(0, 40))}},"lastName":{{Text(random, LastNames)}},"length":{{Pick(random, Lengths)}},"level":{{Text(random, ["free", "paid", ""])}},"location":{{Text(random, ["Home", ""])}},"page":{{Text(random, Pages)}},"sessionId":{{Pick(random, Sessions)}},"song":{{Text(random, Names)}},"status":200,"ts":{{(random.Next(2) == 0 ? Pick(random, Times) : 1541105830796 + random.Next(100_000))}},"userAgent":{{Text(random, ["\\\"Mozilla/5.0\\\"", ""])}},"userId":{{(random.Next(2) == 0 ? Text(random, Users) : $"\"u{random.Next(400)}\"")}}}
        """;

    private static string Song(Random random) =>
        $$"""
        {"num_songs":1,"artist_id":{{Text(random, ["AR1", "AR2", ""])}},"artist_name":{{Text(random, Names)}},"song_id":"SO{{random.Next(30)}}","title":{{Text(random, Names)}},"duration":{{Pick(random, Lengths)}},"year":2000}
        """;

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static string Text(Random random, string[] from) => random.Next(20) == 0 ? "null" : $"\"{Pick(random, from)}\"";

    private static async Task<(Dictionary<string, List<string>> Star, string Log)> StarAsync(TestApp app, object source)
    {
        var name = TestApp.NewName();
        await app.CreateAsync(name, source);
        Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Provision)).State);
        var run = await app.RunAsync(name, RunKind.Load);
        if (run.State == RunState.NeedsDecision)
        {
            await app.Services.GetRequiredService<IRuns>().PublishAsync(run.Id, "It is a test.", Actor.System, CancellationToken.None);
            run = await app.EndAsync(run.Id);
        }

        Assert.True(run.State == RunState.Succeeded, run.Error);
        var log = await app.Http.GetStringAsync($"/api/v1/runs/{run.Id}/log");
        var warehouse = await app.Services.GetRequiredService<IWarehouses>().GetAsync(name, CancellationToken.None);
        Dictionary<string, List<string>> star = [];
        var databases = app.Services.GetRequiredService<IWarehouseDatabases>();
        await using (var db = await databases.Open(warehouse, WarehouseRole.Loader).OpenConnectionAsync())
        {
            foreach (var table in StarSchema.Star)
            {
                var columns = string.Join(", ", table.Columns.Select(static c => c.Name));
                star[table.Name] = (await db.QueryAsync<string>(
                    $"select t::text from (select {columns} from dwh.{table.Name}) t order by t::text collate \"C\"")).AsList();
            }

            star["load"] = (await db.QueryAsync<string>("select t::text from (select repeated_plays from dwh.load) t")).AsList();
        }

        Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Teardown)).State);
        return (star, log);
    }

    /// <summary>One application that has memory for what is made in passing and one that has none.</summary>
    public sealed class TwoApps : IAsyncLifetime
    {
        internal TestApp Passing { get; private set; } = null!;

        internal TestApp ByServer { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Passing = await TestApp.StartAsync();
            ByServer = await TestApp.StartAsync(arguments: ["--Sparkify:Load:InPassingBytes", "0"]);
        }

        public async Task DisposeAsync()
        {
            await Passing.DisposeAsync();
            await ByServer.DisposeAsync();
        }
    }
}
