using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>The monthly limit of money: what counts against it, who is told, and when it pauses.</summary>
public sealed class SpendingWatchTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    // One node of ra3.large: $0.543 an hour.
    private static readonly RedshiftPrice Price = RedshiftPrices.Of("ra3.large", 1, "us-west-2")!;
    private static readonly DateTimeOffset November = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(November.AddHours(-10));
    private readonly FakeRuns _runs = new();
    private readonly FakeWarehouses _warehouses = new();
    private readonly FakeRedshift _redshift = new();
    private readonly FakeOutbox _notices = new();
    private readonly SpendingWatch _watch;

    public SpendingWatchTests()
    {
        _watch = Restarted();
        _redshift.Cost = Running(since: November.AddHours(-10));
        _runs.OnStart = (_, kind, _) => _runs.Have(Sample.Run(9, RunState.Queued, kind, "music"));
    }

    [Fact]
    public void Month_CountsWhatRanInIt_AtWhateverHoursItRan()
    {
        ClusterCost cost = new(
            Price, November.AddDays(20),
            [
                new(November.AddDays(-5), November.AddHours(2)), // two hours of it
                new(November.AddDays(3), November.AddDays(3).AddHours(4)),
            ],
            0);

        Assert.Equal(Price.For(TimeSpan.FromHours(6)), cost.ThisMonth(November.AddDays(20)));
        Assert.Equal(Price.For(TimeSpan.FromHours(7)), cost.ThisMonth(November.AddDays(20).AddHours(1)));
        Assert.Equal(Price.For(TimeSpan.FromHours(3)), cost.ThisMonth(November.AddMonths(1).AddHours(3))); // a new month
        Assert.Equal(Price.For(TimeSpan.FromHours(1)), cost.ThisMonth(new DateTimeOffset(2026, 12, 1, 3, 0, 0, TimeSpan.FromHours(2))));
        Assert.Null((cost with { Price = null }).ThisMonth(November.AddDays(20)));
    }

    [Fact]
    public async Task Limit_IsToldAt80AndAt100Percent_OnceEachMonth_AndPausesOnlyThen()
    {
        Have(limit: 5.43m, pause: true); // ten hours
        await AtAsync(7.9);
        Assert.Empty(_notices.Told);

        await AtAsync(8.1);
        await AtAsync(9.9);
        var warned = Assert.Single(_notices.Told);
        Assert.Equal((NoticeEvent.Spending, "music"), (warned.Notice.Event, warned.Notice.Warehouse));
        Assert.Equal(
            "The cluster of the warehouse 'music' has cost $4.40 this month, at least 80 % of its monthly limit of $5.43.",
            warned.Notice.Text);
        Assert.Empty(_runs.Started);

        await AtAsync(10);
        Assert.Equal(("music", RunKind.Pause, null, Actor.System), Assert.Single(_runs.Started));
        Assert.Contains(
            "has cost $5.43 this month, and has reached its monthly limit of $5.43. It is paused", _notices.Told[1].Notice.Text,
            StringComparison.Ordinal);
        await Restarted().WorkAsync(None);
        Assert.Equal(_notices.Told[1].Occasion, _notices.Told[2].Occasion); // which the outbox takes once
        Assert.Single(_runs.Started); // the pause is at work

        _redshift.Cost = Running(since: November.AddMonths(1).AddDays(-1));
        _clock.SetUtcNow(November.AddMonths(1).AddHours(8.1));
        await _watch.WorkAsync(None);
        Assert.NotEqual(warned.Occasion, _notices.Told[^1].Occasion);
        Assert.Equal(4, _notices.Told.Count);
    }

    [Fact]
    public async Task Limit_ReachedUnderALoad_PausesAfterIt()
    {
        Have(limit: 5.43m, pause: true);
        _runs.Have(Sample.Run(1, RunState.Running, RunKind.Load, "music"));
        await AtAsync(11);
        Assert.Empty(_runs.Started);

        _runs.Have(Sample.Run(1, RunState.Succeeded, RunKind.Load, "music", revision: 2));
        await AtAsync(12);

        Assert.Equal(RunKind.Pause, Assert.Single(_runs.Started).Kind);
    }

    [Fact]
    public async Task Limit_PauseThatFailed_IsTriedAgainAfterAWhile_AndOneThatWasOvertakenIsNoTrouble()
    {
        Have(limit: 5.43m, pause: true);
        _runs.Have(Sample.Run(1, RunState.Failed, RunKind.Pause, "music") with { FinishedAt = November.AddHours(11) });
        await AtAsync(11.2);
        Assert.Empty(_runs.Started);
        _runs.OnStart = static (_, _, _) => throw SparkifyException.Conflict("Run 7 is at work.", 7);
        await AtAsync(11.25);
        Assert.Single(_runs.Started);
    }

    [Theory]
    [InlineData(null, false, WarehouseState.Available)]
    [InlineData(5.43, false, WarehouseState.Available)]
    [InlineData(5.43, true, WarehouseState.Paused)]
    [InlineData(5.43, true, WarehouseState.Removed)]
    public async Task Cluster_WithoutALimit_OrAPauseThatIsChosen_OrThatDoesNotRun_IsLeftAlone(
        double? limit, bool pause, WarehouseState state)
    {
        Have((decimal?)limit, pause, state);

        await AtAsync(100);

        Assert.Empty(_runs.Started);
        Assert.Equal(limit is null || state == WarehouseState.Removed ? 0 : 1, _notices.Told.Count);
    }

    [Theory]
    [InlineData(0.0, false, "more than $0")]
    [InlineData(-1.0, false, "more than $0")]
    [InlineData(1_000_001.0, false, "at most $1,000,000")]
    [InlineData(null, true, "no monthly limit")]
    [InlineData(0.01, true, null)]
    [InlineData(null, false, null)]
    public void Limit_ThatCannotBe_IsRefusedInASentence(double? limit, bool pause, string? says)
    {
        var problems = new RedshiftSettings { MonthlyLimit = (decimal?)limit, PauseAtLimit = pause }.Problems();

        Assert.Equal(says is not null, problems.Count == 1 && problems[0].Contains(says ?? " ", StringComparison.Ordinal));
        Assert.Equal(says is null, problems.Count == 0);
    }

    [Fact]
    public async Task Cluster_OnTheSimulator_ThatReachedItsLimit_IsPaused_AndANoticeIsSent()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        var services = bench.App.Services;
        await services.GetRequiredService<INotices>().AddAsync(
            "ops", new NewHook(receiver.Url(), HookForm.Json, [NoticeEvent.Spending]), Actor.System, None);
        await bench.CreateAsync("cloud", new { monthlyLimit = 1.5, pauseAtLimit = true });
        var made = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.True(made.State == RunState.Succeeded, made.Error);
        // Three hours into the next month, whenever this is tested.
        var now = DateTimeOffset.UtcNow;
        var clock = new FakeTimeProvider(new DateTimeOffset(now.Year, now.Month, 1, 3, 0, 0, TimeSpan.Zero).AddMonths(1));
        SpendingWatch watch = new(
            services.GetRequiredService<IWarehouses>(), services.GetRequiredService<IRedshift>(), services.GetRequiredService<IRuns>(),
            services.GetRequiredService<INoticeOutbox>(), clock, NullLogger<SpendingWatch>.Instance);

        await watch.WorkAsync(None);

        var pause = (await services.GetRequiredService<IRuns>().LatestAsync(None)).Single(static r => r.Kind == RunKind.Pause);
        Assert.Equal(RunState.Succeeded, (await bench.App.EndAsync(pause.Id)).State);
        Assert.Equal(WarehouseState.Paused, (await services.GetRequiredService<IWarehouses>().GetAsync("cloud", None)).State);
        var call = Assert.Single(await Eventually.BecomesAsync(() => Task.FromResult(receiver.All), static all => all.Count > 0));
        Assert.Contains("\"event\":\"spending\"", call.Body, StringComparison.Ordinal);
        Assert.Contains("has cost $1.63 this month, and has reached its monthly limit of $1.50", call.Body, StringComparison.Ordinal);
        Assert.True((await bench.GetAsync("/api/v1/warehouses/cloud/cost")).TryGetProperty("thisMonth", out _));
    }

    private static ClusterCost Running(DateTimeOffset since) => new(Price, since, [], 0);

    private async Task AtAsync(double hours)
    {
        _clock.SetUtcNow(November.AddHours(hours));
        await _watch.WorkAsync(None);
    }

    private void Have(decimal? limit, bool pause, WarehouseState state = WarehouseState.Available) => _warehouses.Have(new Warehouse(
        "music", WarehouseTarget.Redshift, new SampleSource(), 0, state, November.AddDays(-1), "ann", null, null,
        new RedshiftSettings { MonthlyLimit = limit, PauseAtLimit = pause }));

    private SpendingWatch Restarted() => new(_warehouses, _redshift, _runs, _notices, _clock, NullLogger<SpendingWatch>.Instance);
}
