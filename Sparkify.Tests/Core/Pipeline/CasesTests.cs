using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>
/// Inputs of the kinds that people report in public, each with what it must come to: what is loaded, what is rejected, and that none of
/// them is plainly green. Several members of each kind. What only S3 can have is in the tests of its sources, of COPY and of the API.
/// </summary>
public sealed class CasesTests(CasesTests.SharedApp shared) : IClassFixture<CasesTests.SharedApp>, IAsyncLifetime
{
    private const long Noon = 1541160000000;
    private readonly TempFolder _folder = new();
    private readonly string _name = TestApp.NewName();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        Assert.Equal(RunState.Succeeded, (await shared.App.RunAsync(_name, RunKind.Teardown)).State);
        _folder.Dispose();
    }

    /// <summary>A first load: the case, its state, plays, rejects, and what is said of it (in the error, a check or the log).</summary>
    public static TheoryData<string, RunState, long, long, string?> FirstLoads => new()
    {
        { "json lines under other endings", RunState.Succeeded, 4, 0, "3 files with other endings" },
        { "gzip bytes under a plain name", RunState.Succeeded, 51, 0, null },
        { "gzip of two members", RunState.Succeeded, 3, 0, null },
        { "gzip padded with zeros", RunState.Succeeded, 3, 0, null },
        { "gzip with garbage behind", RunState.Failed, 0, 0, "b.json.gz" },
        { "gzip cut off", RunState.Failed, 0, 0, "b.json.gz" },
        { "gzip of no byte", RunState.Failed, 0, 0, "b.json.gz" },
        { "plain text named gz", RunState.Failed, 0, 0, "b.json.gz" },
        { "parquet named json", RunState.Failed, 0, 0, "Parquet" },
        { "zip named json", RunState.Failed, 0, 0, "b.json" },
        { "utf-16", RunState.Failed, 0, 0, "UTF-16" },
        { "times in seconds", RunState.NeedsDecision, 0, 0, "looks like seconds" },
        { "times in seconds as text", RunState.NeedsDecision, 0, 0, "looks like seconds" },
        { "times in microseconds", RunState.NeedsDecision, 0, 0, "in the future" },
        { "one time of 1970", RunState.Succeeded, 51, 0, "1 of 51 plays lie before the year 2000" },
        { "no times", RunState.NeedsDecision, 0, 0, "no ts" },
        { "keys in snake case", RunState.NeedsDecision, 0, 0, "no page, no ts, no sessionId" },
        { "pages named otherwise", RunState.NeedsDecision, 0, 0, "None of 10 events is a play" },
        { "users named otherwise", RunState.NeedsDecision, 0, 0, "no userId" },
        { "users as numbers and texts", RunState.Succeeded, 6, 0, "7" },
        { "not a number", RunState.Succeeded, 1, 1, "NaN" },
        { "an array", RunState.Succeeded, 51, 1, "one JSON array" },
        { "an array on one line", RunState.Succeeded, 51, 1, "one JSON array" },
        { "a file of nothing but broken lines", RunState.Succeeded, 1, 2, "not one good record" },
        { "latin-1", RunState.Succeeded, 1, 1, "UTF-8" },
        { "a nul escape", RunState.Succeeded, 1, 2, "\\u0000" },
        { "names in several forms", RunState.Succeeded, 5, 0, "Café Zed" },
        { "pages and levels in another case", RunState.Succeeded, 3, 0, "nextsong" },
        { "the same file twice", RunState.Succeeded, 5, 0, null },
        { "an integral float", RunState.Succeeded, 1, 0, null },
        { "an empty catalogue", RunState.Succeeded, 5, 0, "The song catalogue is empty" },
    };

    [Theory]
    [MemberData(nameof(FirstLoads))]
    public async Task FirstLoad_ComesToWhatItMust(string what, RunState state, long plays, long rejects, string? said)
    {
        // Whatever a warehouse could not even be made of came later.
        await shared.ProvisionAsync(_name, Source.Write(_folder, [Source.Event(ts: Noon)], [Source.Song()]));
        Make(what);

        var run = await shared.App.RunAsync(_name, RunKind.Load);

        Assert.True(run.State == state, $"{run.State}: {run.Error ?? run.Decision?.Asks}");
        if (state == RunState.Succeeded)
        {
            Assert.Equal((plays, rejects), ((await shared.App.CountsAsync(_name))["songplays"], run.Rejects));
        }

        if (said is not null)
        {
            Assert.Contains(said, await shared.SaidAsync(_name, run), StringComparison.OrdinalIgnoreCase);
            Assert.True(state == RunState.Failed || run.Warnings + run.Rejects > 0, "It is plainly green.");
        }
    }

    /// <summary>
    /// A reload of a star of 40 plays of two days with four songs: what has become of the source, and what is asked, if anything.
    /// </summary>
    public static TheoryData<string, string?> Reloads => new()
    {
        { "keys renamed", "None of 40 events is a play" },
        { "one day of two missing", null }, // 50 % is not below 50 %
        { "a day and a half missing", "10 plays (were 40)" },
        { "users gone", "users" },
        { "another catalogue that knows no play", "0 plays found in the catalogue (were 40)" },
        { "one song for four", "1 song (were 4)" },
        { "a small reload", null },
        { "a weekend's dip", null },
        { "a new catalogue of the same size", null },
        { "three times as many", null },
        { "nothing changed", null },
    };

    [Theory]
    [MemberData(nameof(Reloads))]
    public async Task Reload_AsksOrDoesNot(string what, string? asks)
    {
        var songs = Songs(4);
        var events = Days(40);
        await shared.ProvisionAsync(_name, Source.Write(_folder, events, songs));
        Assert.Equal(0, (await shared.App.RunAsync(_name, RunKind.Load)).Warnings);
        (IEnumerable<string> Events, IEnumerable<string> Songs) now = what switch
        {
            "keys renamed" => (events.Select(static e => e.Replace("\"page\"", "\"event\"", StringComparison.Ordinal)), songs),
            "one day of two missing" => (events.Take(20), songs),
            "a day and a half missing" => (events.Take(10), songs),
            "users gone" => (events.Select(static e => e.Replace("\"userId\"", "\"user_id\"", StringComparison.Ordinal)), songs),
            "another catalogue that knows no play" => (events, Songs(4, "Unheard")),
            "one song for four" => (events, songs.Take(1)),
            "a small reload" => (events.Take(36), songs),
            "a weekend's dip" => (events.Where(static (_, at) => at < 20 || at % 3 == 0), songs),
            "a new catalogue of the same size" => (events, [.. Songs(2), .. Songs(2, "Fresh")]),
            "three times as many" => (Days(120), songs),
            _ => (events, songs),
        };
        Directory.Delete(Path.Combine(_folder.Path, "song_data"), recursive: true);
        Source.Write(_folder, now.Events, now.Songs);

        var run = await shared.App.RunAsync(_name, RunKind.Load);

        if (asks is null)
        {
            Assert.Equal((RunState.Succeeded, 0), (run.State, run.Warnings)); // a gate that cries wolf is switched off
        }
        else
        {
            Assert.True(run.State == RunState.NeedsDecision, $"{run.State}: {run.Error}");
            Assert.Contains(asks, run.Decision!.Asks, StringComparison.Ordinal);
            Assert.Equal(40, (await shared.App.CountsAsync(_name))["songplays"]); // the old star stays
        }
    }

    [Fact]
    public async Task Reload_WithTheCatalogueEmptied_FailsAndLeavesTheStar()
    {
        await shared.ProvisionAsync(_name, Source.Write(_folder, Days(40), Songs(4)));
        await shared.App.RunAsync(_name, RunKind.Load);
        Directory.Delete(Path.Combine(_folder.Path, "song_data"), recursive: true);
        Source.Write(_folder, Days(40).Take(20), [""]);

        var run = await shared.App.RunAsync(_name, RunKind.Load);

        Assert.Equal(RunState.Failed, run.State);
        Assert.EndsWith("is empty. Choose a location that holds records.", run.Error, StringComparison.Ordinal);
        Assert.Equal(4, (await shared.App.CountsAsync(_name))["songs"]);
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static string[] Events(int count, long ts = Noon, int first = 1) =>
        [.. Enumerable.Range(first, count).Select(item => Source.Event(item: item, ts: ts))];

    // Half on one day, half on the next; each song in turn.
    private static string[] Days(int count) => [.. Enumerable.Range(0, count).Select(i => Source.Event(
        item: i, user: $"{i % 5}", ts: Noon + (i * 1000L) + (i < 20 ? 0 : 86_400_000L), song: $"Song {i % 4}"))];

    private static string[] Songs(int count, string title = "Song") =>
        [.. Enumerable.Range(0, count).Select(i => Source.Song($"{title[0]}{i}", $"{title} {i}"))];

    private static string Lines(params IEnumerable<string> records) => string.Join('\n', records);

    private void Write(string file, byte[] content) => File.WriteAllBytes(Path.Combine(_folder.Path, "log_data", file), content);

    private void Add(string file, params IEnumerable<string> records) => _folder.Write($"log_data/{file}", Lines(records));

    private void Instead(params IEnumerable<string> records) => _folder.Write("log_data/2018/11/events.json", Lines(records));

    private void Make(string what)
    {
        switch (what)
        {
            case "json lines under other endings":
                Add("b.jsonl", Events(1, first: 2));
                Add("c.ndjson", Events(1, first: 3));
                Add("part-00000", Events(1, first: 4));
                Add("f.txt", Events(1, first: 5));
                Add("d.json.bz2", "BZh9");
                Add("e.json.zst", "x");
                break;
            case "gzip bytes under a plain name":
                Write("b.json", Gzip(Lines(Events(50))));
                break;
            case "gzip of two members":
                Write("b.json.gz", [.. Gzip(Source.Event(item: 1) + "\n"), .. Gzip(Source.Event(item: 2))]);
                break;
            case "gzip padded with zeros":
                Write("b.json.gz", [.. Gzip(Lines(Events(2))), .. new byte[512]]);
                break;
            case "gzip with garbage behind":
                Write("b.json.gz", [.. Gzip(Lines(Events(2))), .. "garbage"u8]);
                break;
            case "gzip cut off":
                Write("b.json.gz", Gzip(Lines(Events(200)))[..^30]);
                break;
            case "gzip of no byte":
                Write("b.json.gz", []);
                break;
            case "plain text named gz":
                Write("b.json.gz", Encoding.UTF8.GetBytes(Lines(Events(2))));
                break;
            case "parquet named json":
                Write("b.json", [.. "PAR1"u8, .. new byte[64], .. "PAR1"u8]);
                break;
            case "zip named json":
                Write("b.json", [0x50, 0x4B, 3, 4, .. new byte[64]]);
                break;
            case "utf-16":
                Write("b.json", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Lines(Events(2)))]);
                break;
            case "times in seconds":
                Instead(Events(6, ts: Noon / 1000));
                break;
            case "times in seconds as text":
                Instead(Events(6, ts: Noon / 1000).Select(
                    static e => e.Replace($"\"ts\":{Noon / 1000}", $"\"ts\":\"{Noon / 1000}\"", StringComparison.Ordinal)));
                break;
            case "times in microseconds":
                Instead(Events(6, ts: Noon * 10));
                break;
            case "one time of 1970":
                Instead([.. Events(50), Source.Event(item: 99, ts: Noon / 1000)]);
                break;
            case "no times":
                Instead(Events(6).Select(static e => e.Replace("\"ts\"", "\"timestamp\"", StringComparison.Ordinal)));
                break;
            case "keys in snake case":
                Instead(Enumerable.Range(0, 6).Select(static i =>
                    $$"""{"artist_name":"Artist","user_id":"7","session_id":1,"item_in_session":{{i}},"song_title":"Song","timestamp":{{Noon}},"event":"NextSong"}"""));
                break;
            case "pages named otherwise":
                Instead(Enumerable.Range(0, 10).Select(static i => Source.Event("Play", item: i)));
                break;
            case "users named otherwise":
                Instead(Events(6).Select(static e => e.Replace("\"userId\"", "\"user\"", StringComparison.Ordinal)));
                break;
            case "users as numbers and texts":
                Instead(new[] { "7", "7.0", "\"7\"", "\" 7\"", "\"7 \"", "\"07\"" }.Index().Select(
                    static u => Source.Event(user: "USER", item: u.Index).Replace("\"USER\"", u.Item, StringComparison.Ordinal)));
                break;
            case "not a number":
                Add("b.json", Source.Event(item: 2).Replace("200.5", "NaN", StringComparison.Ordinal));
                break;
            case "an array":
                Add("b.json", $"[\n{string.Join(",\n", Events(50))}\n]");
                break;
            case "an array on one line":
                Add("b.json", $"[{string.Join(",", Events(50))}]");
                break;
            case "a file of nothing but broken lines":
                Add("b.json", "oops", "{\"ts\":\"soon\"}");
                break;
            case "latin-1":
                Write("b.json", Encoding.Latin1.GetBytes("{\"artist\":\"Café\",\"page\":\"NextSong\",\"ts\":1,\"sessionId\":1}"));
                break;
            case "a nul escape":
                Add("b.json", Source.Event(item: 2, song: "A\0B"), """{"artist":"\ud800","page":"NextSong","ts":1,"sessionId":1}""");
                break;
            case "names in several forms":
                Instead(new[] { "Café Zed", "Cafe\u0301 Zed", "Café\u00A0Zed", "Café Zed ", "CAFÉ ZED" }.Index().Select(
                    static a => Source.Event(item: a.Index, artist: a.Item)));
                _folder.Write("song_data/A/0000.json", Source.Song(name: "Café Zed"));
                break;
            case "pages and levels in another case":
                Instead(
                    Source.Event(item: 1), Source.Event("nextsong", item: 2), Source.Event("NextSong ", item: 3),
                    Source.Event(item: 4, level: "Paid"), Source.Event(item: 5, level: "PAID"));
                break;
            case "the same file twice":
                Instead(Events(5));
                Add("events (1).json", Events(5));
                break;
            case "an integral float":
                Instead(Source.Event().Replace("\"sessionId\":1", "\"sessionId\":1.0", StringComparison.Ordinal));
                break;
            case "an empty catalogue":
                Instead(Events(5));
                _folder.Write("song_data/A/0000.json", " ");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(what), what, "Nobody says what this case is.");
        }
    }

    /// <summary>One application for all cases, each with a warehouse of its own.</summary>
    public sealed class SharedApp : IAsyncLifetime
    {
        internal TestApp App { get; private set; } = null!;

        public async Task InitializeAsync() => App = await TestApp.StartAsync();

        public async Task DisposeAsync() => await App.DisposeAsync();

        internal async Task ProvisionAsync(string name, object source)
        {
            await App.CreateAsync(name, source);
            Assert.Equal(RunState.Succeeded, (await App.RunAsync(name, RunKind.Provision)).State);
        }

        /// <summary>Everything a run says: its error, its checks, its log, its rejects.</summary>
        internal async Task<string> SaidAsync(string name, RunView run)
        {
            var records = App.Services.GetRequiredService<ILoadRecords>();
            var checks = await records.ChecksAsync(name, run.Id, default);
            var log = await App.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, default);
            var rejects = (await records.RejectsAsync(name, new RejectFilter(run.Id), default)).Items;
            return string.Join('\n', [
                run.Error ?? "", .. checks.Select(static c => c.Detail ?? ""), .. log.Select(static l => l.Message),
                .. rejects.Select(static r => $"{r.Reason} {r.Raw}")]);
        }
    }
}
