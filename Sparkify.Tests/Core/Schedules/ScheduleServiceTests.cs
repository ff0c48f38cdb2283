using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using static Sparkify.Tests.Core.Schedules.ScheduleBench;

namespace Sparkify.Tests.Core.Schedules;

public sealed class ScheduleServiceTests : IAsyncLifetime
{
    private ScheduleBench _bench = null!;

    public async Task InitializeAsync() => _bench = await StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Create_IsKeptAsItWasMeant_AndShowsWordsAndTheNextTimes()
    {
        var made = await _bench.AddAsync(new ScheduleSettings("  Every night ", RunKind.Load, " 30  2 * * mon-fri", "europe/berlin"));

        Assert.Equal(
            new ScheduleSettings("Every night", RunKind.Load, "30 2 * * MON-FRI", "Europe/Berlin", Misfire.Once, Overlap.Refuse), made.Settings);
        Assert.Equal(("At 02:30, Monday to Friday", "local administrator", false), (made.Words, made.SetUpBy, made.Paused));
        Assert.Equal(
            [
                "Thu 1 Mar 2040, 02:30 CET", "Fri 2 Mar 2040, 02:30 CET", "Mon 5 Mar 2040, 02:30 CET", "Tue 6 Mar 2040, 02:30 CET",
                "Wed 7 Mar 2040, 02:30 CET",
            ],
            made.Next.Select(static n => n.Local));
        Assert.Null(made.Last);
        Assert.Equal(made.Id, Assert.Single(await _bench.Schedules.ListAsync(_bench.Warehouse, default)).Id);
    }

    [Fact]
    public async Task Create_TheSameNameOnOneWarehouse_IsAConflict()
    {
        await _bench.AddAsync(Nightly());

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => _bench.AddAsync(Nightly("NIGHTLY")));

        Assert.Equal(
            (ProblemKind.Conflict, $"The warehouse '{_bench.Warehouse}' has a schedule named 'NIGHTLY' already. Choose another name."),
            (refusal.Kind, refusal.Message));
    }

    [Fact]
    public async Task Create_WhatCannotBe_IsRefusedInASentence()
    {
        Assert.Equal(
            "The name of a schedule has 1 to 60 characters in one line.",
            (await Assert.ThrowsAsync<SparkifyException>(() => _bench.AddAsync(Nightly(" ")))).Message);
        Assert.Equal(
            "A schedule starts a load or a check of files, not a teardown.",
            (await Assert.ThrowsAsync<SparkifyException>(() => _bench.AddAsync(Nightly() with { Kind = RunKind.Teardown }))).Message);
        Assert.Contains("the hour, cannot be '25'", (await Assert.ThrowsAsync<SparkifyException>(
            () => _bench.AddAsync(Nightly(cron: "0 25 * * *")))).Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<SparkifyException>(
            () => _bench.Schedules.CreateAsync("none", Nightly(), Me, default));
        Assert.Equal((ProblemKind.NotFound, "There is no warehouse named 'none' any more."), (unknown.Kind, unknown.Message));
        Assert.Empty(await _bench.Schedules.ListAsync(_bench.Warehouse, default));
    }

    [Fact]
    public async Task Change_OfTimes_CountsFromNowOn_AndIsWhoeverChangedIts()
    {
        var nightly = await _bench.AddAsync(Nightly());
        _bench.Clock.SetUtcNow(DateTimeOffset.Parse("2040-03-01T12:00:00Z"));

        // Due at 02:30 and at 03:00 of this day, both of which are past.
        var changed = await _bench.Schedules.ChangeAsync(
            _bench.Warehouse, nightly.Id, Nightly("early", "0 3 * * *"), new Actor("bob"), default);
        await _bench.Due.WakeAsync(nightly.Id, default);

        Assert.Equal(("early", "bob", "Fri 2 Mar 2040, 03:00 UTC"), (changed.Settings.Name, changed.SetUpBy, changed.Next[0].Local));
        Assert.Empty(await _bench.RunsAsync());
    }

    [Fact]
    public async Task Commands_OnAScheduleOfAnotherWarehouse_FindNone()
    {
        var nightly = await _bench.AddAsync(Nightly());
        await _bench.App.DescribeAsync("elsewhere");

        foreach (var work in new Func<Task>[]
        {
            () => _bench.Schedules.GetAsync("elsewhere", nightly.Id, default),
            () => _bench.Schedules.ChangeAsync("elsewhere", nightly.Id, Nightly(), Me, default),
            () => _bench.Schedules.PauseAsync("elsewhere", nightly.Id, Me, default),
            () => _bench.Schedules.ResumeAsync("elsewhere", nightly.Id, Me, default),
            () => _bench.Schedules.RunAsync("elsewhere", nightly.Id, Me, default),
            () => _bench.Schedules.DeleteAsync("elsewhere", nightly.Id, Me, default),
        })
        {
            var refusal = await Assert.ThrowsAsync<SparkifyException>(work);
            Assert.Equal(
                (ProblemKind.NotFound, $"The warehouse 'elsewhere' has no schedule {nightly.Id}."), (refusal.Kind, refusal.Message));
        }

        Assert.Equal(nightly.Settings, (await _bench.ReadAsync(nightly)).Settings);
    }

    [Fact]
    public async Task Run_Now_StartsARunOfWhoeverAsks_AndTheTimesStay()
    {
        var nightly = await _bench.AddAsync(Nightly());

        var run = await _bench.Schedules.RunAsync(_bench.Warehouse, nightly.Id, new Actor("bob"), default);

        Assert.Equal((RunKind.Load, "bob"), (run.Kind, run.Actor));
        var shown = await _bench.ReadAsync(nightly);
        Assert.Equal((null, nightly.Next[0].At), (shown.Last, shown.Next[0].At));
    }

    [Fact]
    public async Task All_OfSeveralWarehouses_AreInTheOrderInWhichTheyAreDue_ThePausedLast()
    {
        await _bench.App.DescribeAsync("elsewhere");
        var paused = await _bench.AddAsync(Nightly("paused", "0 1 * * *"));
        await _bench.Schedules.PauseAsync(_bench.Warehouse, paused.Id, Me, default);
        await _bench.AddAsync(Nightly("late", "0 5 * * *"));
        await _bench.Schedules.CreateAsync("elsewhere", Nightly("early", "0 4 * * *"), Me, default);

        Assert.Equal(["early", "late", "paused"], (await _bench.Schedules.AllAsync(default)).Select(static s => s.Settings.Name));
    }

    [Fact]
    public async Task Subscriber_HearsOfEveryChange_AndOfEveryTimeThatCame()
    {
        using var heard = _bench.Schedules.Subscribe();

        var nightly = await _bench.AddAsync(Nightly());
        Assert.True(heard.Reader.TryRead(out var name));
        Assert.Equal(_bench.Warehouse, name);
        await _bench.WakeAsync(nightly, "2040-03-01T02:30:00Z");

        Assert.True(heard.Reader.TryRead(out name));
        Assert.Equal(_bench.Warehouse, name);
    }
}
