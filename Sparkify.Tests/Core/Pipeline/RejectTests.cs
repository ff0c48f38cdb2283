using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

public sealed class RejectTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Load_HostileSource_LoadsAllThatIsGoodAndNamesEveryBadRecord()
    {
        _folder.Write("log_data/a.json", string.Join('\n',
            Source.Event(item: 1),
            Source.Event(item: 2).Replace("\"ts\":1541105830796", "\"ts\":\"soon\"", StringComparison.Ordinal),
            Source.Event(item: 3).Replace("{\"artist\"", "{\"mood\":\"blue\",\"artist\"", StringComparison.Ordinal),
            "{\"artist\":\"cut of"));
        File.WriteAllText(Path.Combine(
            _folder.Path, "log_data", "b.json"), Source.Event(item: 4) + "\r\n" + Source.Event(item: 5) + "\r\n", new UTF8Encoding(true));
        _folder.Write("log_data/empty.json", "");
        _folder.Write("log_data/deep/er/c.json", Source.Event(item: 6));
        _folder.Write("song_data/s.json", Source.Song());
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.At(_folder));

        var run = await warehouse.LoadAsync();

        Assert.Equal(["(1)", "(3)", "(4)", "(5)", "(6)"], await warehouse.RowsAsync("select item_in_session from songplays"));
        Assert.Equal(2, run.Rejects);
        var rejects = await RejectsAsync(warehouse);
        Assert.Equal([("a.json", 2L, "ts"), ("a.json", 4L, null)], rejects.Select(r => (r.File, r.Line, r.Column)));
        Assert.Contains("soon", rejects[0].Reason);
        Assert.Contains("\"ts\":\"soon\"", rejects[0].Raw);
        Assert.Equal("{\"artist\":\"cut of", rejects[1].Raw);
        var log = await warehouse.App.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, CancellationToken.None);
        Assert.Contains(log, line => line.Level == RunLogLevel.Warning && line.Message.Contains("'mood'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_RejectsReachTheLimit_FailsPublishesNothingAndKeepsThem()
    {
        var good = Source.Write(_folder, [Source.Event()], [Source.Song()]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(good, maxRejects: 3);
        await warehouse.LoadAsync();
        var before = await warehouse.RowsAsync("select * from songplays");
        Source.Write(_folder, [Source.Event(item: 7), "{bad", "{bad", "{bad", Source.Event(item: 8)], [Source.Song()]);

        var run = await warehouse.TryLoadAsync();

        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains("3", run.Error);
        Assert.Equal(StepState.Failed, run.Steps.Single(s => s.Name == "stage-events").State);
        Assert.Equal(StepState.Skipped, run.Steps.Single(s => s.Name == "publish").State);
        Assert.Equal(before, await warehouse.RowsAsync("select * from songplays"));
        Assert.Equal(3, (await RejectsAsync(warehouse)).Count);
    }

    [Fact]
    public async Task Retry_AfterTheSourceWasMended_LoadsAndForgetsTheOldRejects()
    {
        var source = Source.Write(_folder, [Source.Event(), "{bad"], [Source.Song()]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(source, maxRejects: 1);
        var failed = await warehouse.TryLoadAsync();
        Assert.Equal(RunState.Failed, failed.State);
        _folder.Write("log_data/2018/11/events.json", Source.Event() + "\n");

        await warehouse.App.Http.PostAsync($"/api/v1/runs/{failed.Id}/retry", null);
        var run = await warehouse.App.EndAsync(failed.Id);

        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.Equal(2, run.Steps.Single(s => s.Name == "scan").Attempt);
        Assert.Empty(await RejectsAsync(warehouse));
    }

    [Fact]
    public async Task Reasons_OfALoad_CountRecordsWithOneFaultTogether_WhateverTheirValue()
    {
        var good = Source.Event(item: 1);
        string Bad(string ts) => good.Replace("\"ts\":1541105830796", $"\"ts\":{ts}", StringComparison.Ordinal);
        Source.Write(_folder, [good, Bad("\"soon: is not a number\""), Bad("\"later\""), "{bad", Bad("9e30"), "{\"a\" 1}"], [Source.Song(), "{\"cut"]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.At(_folder));
        await warehouse.LoadAsync();
        var records = warehouse.App.Services.GetRequiredService<ILoadRecords>();

        var reasons = await records.ReasonsAsync(warehouse.Name, null, null, CancellationToken.None);

        Assert.Equal(
            [
                ("The record is not valid JSON.", 2L), ("ts is not a time in milliseconds since 1970.", 2),
                ("The record ends before its JSON does.", 1), ("ts is out of range for a time in milliseconds since 1970.", 1),
            ],
            reasons.Select(static r => (r.Reason, r.Records)));
        Assert.Equal([SourcePart.Songs], reasons[2].Parts);
        Assert.All(reasons, static r => Assert.DoesNotContain("Correct the records", r.Remedy, StringComparison.Ordinal));
        foreach (var reason in reasons)
        {
            var filter = new RejectFilter(Reason: reason.Reason);
            var page = await records.RejectsAsync(warehouse.Name, filter, CancellationToken.None);
            List<Reject> all = [];
            await foreach (var reject in records.AllRejectsAsync(warehouse.Name, filter with { Page = 7 }, CancellationToken.None))
            {
                all.Add(reject);
            }

            Assert.Equal(reason.Records, page.Total);
            var down = await records.RejectsAsync(
                warehouse.Name, filter with { Order = RejectOrder.PlaceDown, Size = 1 }, CancellationToken.None);
            Assert.Equal(all[^1], Assert.Single(down.Items));
            Assert.Equal(page.Items, all);
        }

        Assert.Equal(
            reasons[2], Assert.Single(await records.ReasonsAsync(warehouse.Name, null, SourcePart.Songs, CancellationToken.None)) with
            {
                Parts = reasons[2].Parts,
            });
    }

    [Fact]
    public async Task Rejects_InEveryOrder_AreTheSameOnes_SortedByWhatIsAsked()
    {
        Source.Write(_folder, [Bad("\"soon\""), "{bad", Source.Event(), Bad("9e30")], [Source.Song(), "{\"cut"]);

        static string Bad(string ts) => Source.Event().Replace("\"ts\":1541105830796", $"\"ts\":{ts}", StringComparison.Ordinal);

        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Source.At(_folder));
        await warehouse.LoadAsync();
        var records = warehouse.App.Services.GetRequiredService<ILoadRecords>();
        var place = await RejectsAsync(warehouse);

        foreach (var order in Enum.GetValues<RejectOrder>())
        {
            var sorted = (await records.RejectsAsync(warehouse.Name, new RejectFilter(Order: order), CancellationToken.None)).Items;

            Assert.Equal(
                place, sorted.OrderBy(static r => r.Part).ThenBy(static r => r.File, StringComparer.Ordinal).ThenBy(static r => r.Line));
            var (up, by) = order switch
            {
                RejectOrder.Reason or RejectOrder.ReasonDown => (order == RejectOrder.Reason, (Func<Reject, string>)(static r => r.Reason)),
                _ => (order == RejectOrder.Place, static r => $"{r.Part} {r.File} {r.Line:0000}"),
            };
            var keys = sorted.Select(by);
            Assert.Equal((up ? keys : keys.Reverse()).Order(StringComparer.Ordinal), up ? keys : keys.Reverse());
        }
    }

    private static async Task<IReadOnlyList<Reject>> RejectsAsync(LoadedWarehouse warehouse) =>
        (await warehouse.App.Services.GetRequiredService<ILoadRecords>()
            .RejectsAsync(warehouse.Name, new RejectFilter(), CancellationToken.None)).Items;
}
