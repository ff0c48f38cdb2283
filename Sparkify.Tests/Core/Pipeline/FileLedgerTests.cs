using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Every file is accounted for: read, lost as a whole, or left out, and said so.</summary>
public sealed class FileLedgerTests : IDisposable
{
    private const string FloatSession = "\"sessionId\":\"1.0\"";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Local_ArrayThatCameLater_IsOneRejectAndItsEventsAreCountedOnce()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]), maxRejects: 10);
        _folder.Write("log_data/b.json", $"[{string.Join(",", Enumerable.Range(2, 50).Select(static i => Source.Event(item: i)))}]");

        var check = await warehouse.App.RunAsync(warehouse.Name, RunKind.Check);
        var run = await warehouse.LoadAsync();

        Assert.Equal("51 records, all good", check.Steps[0].Message);
        Assert.Equal((1, 1), (check.Rejects, run.Rejects));
        Assert.Equal(["(51)"], await warehouse.RowsAsync("select count(*) from songplays"));
        Assert.NotEqual(0, run.Warnings);
        var reject = Assert.Single(await RejectsAsync(warehouse.App, warehouse.Name));
        Assert.StartsWith("This file is one JSON array", reject.Reason, StringComparison.Ordinal);
        var trust = await TrustAsync(warehouse.App, warehouse.Name);
        Assert.Equal(
            (51, 0, true),
            (trust.GetProperty("plays").GetProperty("eventsRead").GetInt64(), trust.GetProperty("rejected").GetInt64(),
                trust.GetProperty("reconciled").GetBoolean()));
    }

    [Fact]
    public async Task Local_ZeroPaddedGzipAndFilesWithoutAnEnding_AreReadWhole_AndTheTrustLineCountsTheRest()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]));
        File.WriteAllBytes(Path.Combine(_folder.Path, "log_data/a.json.gz"), [.. Gzip(Source.Event(item: 2)), .. new byte[512]]);
        File.WriteAllBytes(Path.Combine(_folder.Path, "log_data/part-00000"), Gzip(Source.Event(item: 3)));
        _folder.Write("log_data/part-00001", Source.Event(item: 4));
        _folder.Write("log_data/_SUCCESS", "");
        _folder.Write("log_data/README", "Logs.");
        _folder.Write("song_data/notes.txt", "Songs.");

        var run = await warehouse.LoadAsync();

        Assert.Equal(["(1)", "(2)", "(3)", "(4)"], await warehouse.RowsAsync("select item_in_session from songplays"));
        Assert.Equal(0, run.Rejects);
        Assert.Equal("4 event and 1 song files; 3 left out", run.Steps[0].Message);
        var trust = await TrustAsync(warehouse.App, warehouse.Name);
        Assert.Equal(
            (3, true, 0),
            (trust.GetProperty("filesLeftOut").GetInt64(), trust.GetProperty("leftOutMayBeMissed").GetBoolean(),
                trust.GetProperty("filesFailed").GetInt64()));
        Assert.Equal(
            "1 file that is hidden ('_SUCCESS') and 1 without an ending that is neither JSON nor gzip ('README'); 1 file with another ending ('notes.txt')",
            trust.GetProperty("leftOutWords").GetString());
    }

    [Fact]
    public async Task Local_FilesWithoutOneGoodRecord_AreNamedAndTooManyFailTheLoad()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]), arguments: ["--Sparkify:Load:MaxBadFiles", "3"]);
        _folder.Write("song_data/A/0001.json", "{\"year\":\"soon\"}");
        _folder.Write("song_data/A/0002.json", "oops");

        var run = await warehouse.LoadAsync();

        Assert.Equal("2 files without one good record", run.Steps.Single(static s => s.Name == "stage-songs").Message);
        Assert.NotEqual(0, run.Warnings);
        Assert.Contains(await LogAsync(warehouse.App, run), static line => line.StartsWith(
            "2 files of the songs have not one good record: 'A/0001.json' (1 bad record, line 1: year: \"soon\" is not a whole number of 32 bits); 'A/0002.json'",
            StringComparison.Ordinal));
        Assert.Equal(2, (await TrustAsync(warehouse.App, warehouse.Name)).GetProperty("filesFailed").GetInt64());

        _folder.Write("song_data/A/0003.json", "oops");
        var check = await warehouse.App.RunAsync(warehouse.Name, RunKind.Check);
        var failed = await warehouse.TryLoadAsync();

        Assert.Contains(await LogAsync(warehouse.App, check), static line =>
            line.StartsWith("A load would fail. 3 files of the songs have not one good record", StringComparison.Ordinal));
        Assert.StartsWith("3 files of the songs have not one good record, and a load fails at 3", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["(1)"], await warehouse.RowsAsync("select count(*) from songs"));
    }

    [Fact]
    public async Task Local_PartWithoutOneGoodRecord_NeverReplacesAStar()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]));
        await warehouse.LoadAsync();
        var bad = Source.Event(item: 1).Replace("\"status\":200", "\"status\":\"fine\"", StringComparison.Ordinal);
        Source.Write(_folder, [bad], [Source.Song()]);

        var failed = await warehouse.TryLoadAsync();

        Assert.StartsWith("There is not one good record in the events: '2018/11/events.json'", failed.Error, StringComparison.Ordinal);
        Assert.Equal(["(1)"], await warehouse.RowsAsync("select count(*) from songplays"));
    }

    [Fact]
    public async Task Scan_OfASourceThatWasFine_RefusesWhatCreatingItWouldRefuse()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]));
        await warehouse.LoadAsync();
        Directory.Move(Path.Combine(_folder.Path, "log_data"), Path.Combine(_folder.Path, "away"));
        Directory.Move(Path.Combine(_folder.Path, "song_data"), Path.Combine(_folder.Path, "log_data"));
        Directory.Move(Path.Combine(_folder.Path, "away"), Path.Combine(_folder.Path, "song_data"));

        var swapped = await warehouse.TryLoadAsync();

        Assert.StartsWith("The two locations are swapped", swapped.Error, StringComparison.Ordinal);
        Assert.Equal(StepState.Failed, swapped.Steps.Single(static s => s.Name == "scan").State);
        Assert.Equal(["(1)"], await warehouse.RowsAsync("select count(*) from songplays"));

        Directory.Delete(Path.Combine(_folder.Path, "song_data"), recursive: true);
        Directory.Delete(Path.Combine(_folder.Path, "log_data"), recursive: true);
        Source.Write(_folder, ["one,two", "1,2"], [Source.Song()]);
        Assert.Contains("holds no JSON object", (await warehouse.TryLoadAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redshift_Arrays_LostFilesAndIntegralFloats_AreToldByName()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event(item: 1)], [Source.Song()]);
        await cloud.PutAsync("log_data/a/array.json", $"[{Source.Event(item: 2)},\n{Source.Event(item: 3)}]");
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/a/array.json.gz", Gzip($"[{Source.Event(item: 4)}]"));
        await CloudWarehouse.PutAsync(cloud.Bench, "log_data/a/part-00000", Gzip(Source.Event(item: 5)));
        await cloud.PutAsync("log_data/a/README", "Logs.");
        await cloud.PutAsync(
            "log_data/0/float.json", Source.Event(item: 6).Replace("\"sessionId\":1", FloatSession, StringComparison.Ordinal));
        await cloud.PutAsync("log_data/a/half.json", $"{Source.Event(item: 7, level: new string('x', 40))}\n{Source.Event(item: 8)}");

        var check = await cloud.App.RunAsync(cloud.Name, RunKind.Check);
        var run = await cloud.LoadAsync();

        Assert.Equal("6 records, 3 bad", check.Steps[0].Message);
        Assert.Equal(["1", "5", "8"], await cloud.RowsAsync("select item_in_session from dwh.songplays"));
        Assert.Equal((4, 4), (check.Rejects, run.Rejects));
        Assert.Equal("3 files without one good record", run.Steps.Single(static s => s.Name == "stage-events").Message);
        var rejects = await RejectsAsync(cloud.App, cloud.Name);
        Assert.Equal(["0/float.json", "a/array.json", "a/array.json.gz", "a/half.json"], rejects.Select(static r => r.File));
        Assert.StartsWith("This file is one JSON array, which COPY takes for a single record", rejects[1].Reason, StringComparison.Ordinal);
        Assert.Contains("Member is not an object", rejects[2].Reason, StringComparison.Ordinal);
        Assert.EndsWith(
            "(Redshift's code 1207). \"1.0\" is an integral float as text, in which COPY takes no decimal point: write 1.", rejects[0].Reason,
            StringComparison.Ordinal);
        var log = await LogAsync(cloud.App, run);
        Assert.Contains(log, static line => line.StartsWith("3 files of the events have not one good record: 'a/array.json' (", StringComparison.Ordinal));
        Assert.Contains(log, static line => line.StartsWith("sessionId holds \"1.0\", an integral float", StringComparison.Ordinal));
        var trust = await TrustAsync(cloud.App, cloud.Name);
        Assert.Equal(
            (1, 3, true),
            (trust.GetProperty("filesLeftOut").GetInt64(), trust.GetProperty("filesFailed").GetInt64(),
                trust.GetProperty("reconciled").GetBoolean()));
    }

    [Fact]
    public async Task Redshift_TooManyLostFiles_FailTheLoad()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event(item: 1)], [Source.Song()]);
        for (var number = 0; number < 10; number++)
        {
            await cloud.PutAsync($"song_data/B/{number}.json", "{\"year\":\"soon\"}");
        }

        Assert.StartsWith("10 files of the songs have not one good record, and a load fails at 10", await cloud.RefusedLoadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "scan")]
    [InlineData(2, "stage-events")]
    public async Task Cancel_OfAStepThatHangsInARead_EndsItWithinSeconds(int opening, string step)
    {
        var hung = new HungSources();
        await using var app = await TestApp.StartAsync(before: builder =>
        {
            builder.Services.AddSingleton<ISources>(provider =>
            {
                hung.Real = ActivatorUtilities.CreateInstance<SourceCatalog>(provider);
                return hung;
            });
        });
        var name = TestApp.NewName();
        await app.CreateAsync(name, Source.Write(_folder, [Source.Event(item: 1)], [Source.Song()]));
        Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Provision)).State);
        hung.Hanging = opening;
        var answer = await app.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" });
        var run = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        await hung.Reading.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var since = Stopwatch.StartNew();

        await app.Services.GetRequiredService<IRuns>().CancelAsync(run, Actor.System, CancellationToken.None);
        var ended = await app.EndAsync(run);

        Assert.Equal(RunState.Cancelled, ended.State);
        Assert.Equal(StepState.Cancelled, ended.Steps.Single(s => s.Name == step).State);
        Assert.InRange(since.Elapsed.TotalSeconds, 0, 10);
        await app.RunAsync(name, RunKind.Teardown);
    }

    private static async Task<IReadOnlyList<Reject>> RejectsAsync(TestApp app, string warehouse) =>
        (await app.Services.GetRequiredService<ILoadRecords>().RejectsAsync(warehouse, new RejectFilter(), CancellationToken.None)).Items;

    private static async Task<List<string>> LogAsync(TestApp app, RunView run) =>
    [
        .. (await app.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, CancellationToken.None))
            .Select(static l => l.Message),
    ];

    private static async Task<JsonElement> TrustAsync(TestApp app, string warehouse) =>
        await app.Http.GetFromJsonAsync<JsonElement>($"/api/v1/warehouses/{warehouse}/trust");

    private static byte[] Gzip(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    /// <summary>Sources whose events never answer from one opening on, as on a network drive that went away.</summary>
    private sealed class HungSources : ISources
    {
        public SourceCatalog? Real { get; set; }

        /// <summary>The opening of an events file that hangs, from 1; none does at 0.</summary>
        public int Hanging { get; set; }

        public TaskCompletionSource Reading { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<ISource> OpenAsync(SourceSpec spec, IProgress<SourcePreparation>? progress, CancellationToken ct) =>
            new HungSource(this, await Real!.OpenAsync(spec, progress, ct));

        public Task<SourceReport> TestAsync(SourceSpec spec, CancellationToken ct) => Real!.TestAsync(spec, ct);

        private sealed class HungSource(HungSources home, ISource real) : ISource
        {
            public string Location(SourcePart part) => real.Location(part);

            public IAsyncEnumerable<SourceFile> ListAsync(SourcePart part, CancellationToken ct, LeftOutTally? leftOut = null) =>
                real.ListAsync(part, ct, leftOut);

            public ValueTask<Stream> OpenAsync(SourcePart part, SourceFile file, long offset, CancellationToken ct)
            {
                if (part == SourcePart.Events && home.Hanging > 0 && --home.Hanging == 0)
                {
                    home.Reading.TrySetResult();
                    return new ValueTask<Stream>(new TaskCompletionSource<Stream>().Task);
                }

                return real.OpenAsync(part, file, offset, ct);
            }

            public Task<byte[]?> ReadJsonPathsAsync(CancellationToken ct) => real.ReadJsonPathsAsync(ct);
        }
    }
}
