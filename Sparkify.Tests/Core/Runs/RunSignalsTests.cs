using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

/// <summary>What is seen from outside of runs that do not go straight on.</summary>
public sealed class RunSignalsTests
{
    [Fact]
    public async Task Run_ThatWaits_IsOneTraceHoweverOftenItIsTakenUp_AndWhatFollowsItIsLinked()
    {
        await using var collector = await Collector.StartAsync();
        var looks = 0;
        await using var app = await RunsApp.StartAsync(
            [.. collector.Environment.SelectMany(static setting => new[] { $"--{setting.Key}", setting.Value })],
            new FakeRun(Step("look", async (step, ct) =>
            {
                if (++looks < 3)
                {
                    await step.WaitAsync(TimeSpan.FromSeconds(5), ct);
                }
            })),
            new FakeRun(Step("follow")) { Kind = RunKind.Resume });
        await app.App.EndAsync((await app.StartRunAsync(then: RunKind.Resume)).Id);

        // Other applications of this process are heard here as well.
        var spans = await Eventually.BecomesAsync(
            () => Task.FromResult(collector.Spans.Where(s => s.Tags.GetValueOrDefault("sparkify.warehouse") == app.Warehouse).ToList()),
            static own => own.Exists(static s => s.Name == "run resume"));
        var first = Assert.Single(spans, static s => s is { Name: "run pause", Parent: "" });
        var later = spans.Where(s => s.Name == "run pause" && s != first).ToList();
        Assert.Equal([(first.Trace, first.Id), (first.Trace, first.Id)], later.Select(static s => (s.Trace, s.Parent)));
        Assert.Equal("succeeded", Assert.Single(spans, static s => s.Name == "run pause" && s.Tags.ContainsKey("sparkify.outcome"))
            .Tags["sparkify.outcome"]);
        var next = Assert.Single(spans, static s => s.Name == "run resume");
        Assert.NotEqual(first.Trace, next.Trace);
        Assert.Equal([first.Trace], next.Links);
    }

    [Fact]
    public async Task Run_ThatTriesAgainByItself_AndThenFails_IsCounted()
    {
        var attempts = 0;
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("try", (_, _) => throw (++attempts == 1
            ? new NpgsqlException("planted", new IOException("the connection broke"))
            : new InvalidDataException("planted")))));
        var meters = app.App.Services.GetRequiredService<IMeterFactory>();
        var counted = new System.Collections.Concurrent.ConcurrentQueue<(string Name, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Count(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Count(instrument, tags));
        listener.Start();

        Assert.Equal(RunState.Failed, (await app.RunToItsEndAsync()).State);

        await Eventually.BecomesAsync(
            () => Task.FromResult(counted.Count(static c => c.Name == "sparkify.run.duration")), static ended => ended == 1);
        Assert.Equal(
            [
                ("sparkify.run.duration", "pause, failed"), ("sparkify.run.queue.duration", "pause"), ("sparkify.run.retries", "pause"),
                ("sparkify.run.started", "pause"), ("sparkify.step.duration", "pause, try, failed"),
                ("sparkify.step.duration", "pause, try, failed"),
            ],
            counted.Where(static c => c.Name.StartsWith("sparkify.", StringComparison.Ordinal) && c.Name != "sparkify.run.open").Order());

        void Count(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            counted.Enqueue((instrument.Name, string.Join(", ", tags.ToArray().Select(static t => t.Value))));
    }
}
