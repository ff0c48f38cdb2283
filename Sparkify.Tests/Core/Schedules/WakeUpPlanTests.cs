using System.Globalization;
using Hangfire;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Tests.Core.Runs;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Schedules.ScheduleBench;

namespace Sparkify.Tests.Core.Schedules;

/// <summary>The job queue's own plan follows the schedules, whatever happens in between; and a job of it starts a run.</summary>
public sealed class WakeUpPlanTests
{
    [Fact]
    public async Task Plan_OfTheQueue_FollowsEveryChange()
    {
        await using var bench = await StartAsync();
        var nightly = await bench.AddAsync(Nightly() with { Zone = "Europe/Berlin" });
        await BecomesAsync(bench.App, $"schedule-{nightly.Id} 30 2 * * * Europe/Berlin");

        await bench.Schedules.ChangeAsync(bench.Warehouse, nightly.Id, Nightly(cron: "0 * * * *"), Me, default);
        await BecomesAsync(bench.App, $"schedule-{nightly.Id} 0 * * * * UTC");
        await bench.Schedules.PauseAsync(bench.Warehouse, nightly.Id, Me, default);
        await BecomesAsync(bench.App);
        await bench.Schedules.ResumeAsync(bench.Warehouse, nightly.Id, Me, default);
        await BecomesAsync(bench.App, $"schedule-{nightly.Id} 0 * * * * UTC");
        await bench.Schedules.DeleteAsync(bench.Warehouse, nightly.Id, Me, default);
        await BecomesAsync(bench.App);
    }

    [Fact]
    public async Task Start_AfterADeathBetweenTheStoreAndThePlan_BringsThePlanInLine_AndLeavesTheUpkeepAlone()
    {
        var load = new FakeRun(FakeRun.Step("one")) { Kind = RunKind.Load };
        var app = await RunsApp.StartAsync(load);
        await Eventually.BecomesAsync(() => Task.FromResult(Upkeep(app)), static all => all.Contains("schedules"));
        var bench = new ScheduleBench(app);
        var kept = await bench.AddAsync(Nightly("kept"));
        await BecomesAsync(app, $"schedule-{kept.Id} 30 2 * * * UTC");
        await app.App.StopAsync();
        // What was written by processes that died before they told the queue.
        await bench.ExecuteAsync(
            $"""
            update schedules set cron = '0 5 * * *';
            insert into schedules (warehouse, name, kind, cron, zone, misfire, overlap, person, set_at, since)
            values ('{app.Warehouse}', 'new', 'load', '0 6 * * *', 'UTC', 'once', 'refuse', 'local administrator', now(), now());
            update hangfire.set set value = 'schedule-4711' where key = 'recurring-jobs' and value = 'schedule-{kept.Id}';
            update hangfire.hash set key = 'recurring-job:schedule-4711' where key = 'recurring-job:schedule-{kept.Id}'
            """);

        await using var again = new RunsApp(await TestApp.StartAsync(after: app.App), app.Warehouse);

        await BecomesAsync(again, $"schedule-{kept.Id} 0 5 * * * UTC", $"schedule-{kept.Id + 1} 0 6 * * * UTC");
        Assert.Contains("recover-runs", Upkeep(again));
    }

    [Fact]
    public async Task Job_OfTheQueue_StartsTheRun_WithTheApplicationsOwnClock()
    {
        await using var bench = await StartAsync();
        var own = bench.Get<ISchedules>();
        // Due once a year, and a minute ago.
        var now = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        var cron = string.Create(CultureInfo.InvariantCulture, $"{now.Minute} {now.Hour} {now.Day} {now.Month} *");
        var yearly = await own.CreateAsync(bench.Warehouse, Nightly("yearly", cron), Me, default);
        await BecomesAsync(bench.App, $"schedule-{yearly.Id} {cron} UTC");
        await bench.ExecuteAsync("update schedules set since = now() - interval '3 minutes'");

        bench.Get<IRecurringJobManager>().Trigger($"schedule-{yearly.Id}");

        var shown = await Eventually.BecomesAsync(
            () => own.GetAsync(bench.Warehouse, yearly.Id, default), static s => s.Last is { Outcome: TimeOutcome.Started });
        Assert.Equal(RunState.Succeeded, (await bench.App.App.EndAsync(shown.Last!.Run!.Value)).State);
        Assert.Single(await bench.RunsAsync());
    }

    [Fact]
    public async Task TwoProcesses_OnOneStore_StartOneRunForATime()
    {
        var load = new FakeRun(FakeRun.Step("one")) { Kind = RunKind.Load };
        await using var bench = await StartAsync();
        await using var second = new ScheduleBench(
            new RunsApp(await bench.App.StartBesideAsync([], load), bench.Warehouse));
        var hourly = await bench.AddAsync(Nightly("hourly", "0 * * * *"));
        for (var hour = 1; hour <= 5; hour++)
        {
            var now = DateTimeOffset.Parse($"2040-03-01T{hour:00}:00:01Z", CultureInfo.InvariantCulture);
            bench.Clock.SetUtcNow(now);
            second.Clock.SetUtcNow(now);

            await Task.WhenAll(Enumerable.Range(0, 8).Select(n => (n % 2 == 0 ? bench : second).Due.WakeAsync(hourly.Id, default)));

            var runs = await bench.RunsAsync();
            Assert.Equal(hour, runs.Count);
            await bench.App.App.EndAsync(runs[^1].Id);
        }
    }

    private static async Task BecomesAsync(RunsApp app, params string[] planned) => await Eventually.BecomesAsync(
        () => Task.FromResult(Jobs(app).Where(static j => j.Id.StartsWith("schedule-", StringComparison.Ordinal))
            .Select(static j => $"{j.Id} {j.Cron} {j.TimeZoneId}").Order().ToArray()),
        all => all.SequenceEqual(planned));

    private static List<string> Upkeep(RunsApp app) => [.. Jobs(app).Select(static j => j.Id)];

    private static List<RecurringJobDto> Jobs(RunsApp app)
    {
        using var connection = app.App.Services.GetRequiredService<JobStorage>().GetConnection();
        return connection.GetRecurringJobs();
    }
}
