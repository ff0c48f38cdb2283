using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Rejects;
using Sparkify.Web.Shared;

namespace Sparkify.Tests.Web;

public sealed class StatusBadgesTests
{
    [Theory]
    [InlineData(RunState.Queued, "Queued", Tone.Neutral)]
    [InlineData(RunState.Running, "Running", Tone.Busy)]
    [InlineData(RunState.Succeeded, "Succeeded", Tone.Good)]
    [InlineData(RunState.Failed, "Failed", Tone.Bad)]
    [InlineData(RunState.Cancelled, "Cancelled", Tone.Neutral)]
    [InlineData(RunState.NeedsDecision, "Needs a decision", Tone.Decide)]
    [InlineData(RunState.Discarded, "Discarded", Tone.Neutral)]
    public void RunState_HasALook(RunState state, string text, Tone tone)
    {
        var look = StatusBadges.For(state);

        Assert.Equal((text, tone), (look.Text, look.Tone));
    }

    [Theory]
    [InlineData(null, "Passed", Tone.Good)]
    [InlineData("Nothing is published yet to compare with.", "Skipped", Tone.Neutral)]
    public void Check_ThatCouldNotCompare_IsNotCalledPassed(string? detail, string text, Tone tone)
    {
        var look = StatusBadges.For(new CheckResult("near_the_published", "As large?", CheckOutcome.Passed, 0, detail));

        Assert.Equal((text, tone), (look.Text, look.Tone));
    }

    [Fact]
    public void EveryState_HasALook_AndAnUnknownOneThrows()
    {
        Assert.All(Enum.GetValues<RunState>(), s => StatusBadges.For(s));
        Assert.All(Enum.GetValues<StepState>(), s => StatusBadges.For(s));
        Assert.All(Enum.GetValues<WarehouseState>(), s => StatusBadges.For(s));
        Assert.All(Enum.GetValues<PlannedAction>(), s => StatusBadges.For(s));
        Assert.All(Enum.GetValues<CheckOutcome>(), s => StatusBadges.For(s));
        Assert.ThrowsAny<Exception>(() => StatusBadges.For((RunState)99));
        Assert.ThrowsAny<Exception>(() => StatusBadges.For((StepState)99));
    }

    [Fact]
    public void WarehouseAtWork_LooksLikeItsRun() =>
        Assert.Equal("Loading", StatusBadges.For(WarehouseState.Available, Sample.Run()).Text);

    [Theory]
    [InlineData(0, "Available", Tone.Good)]
    [InlineData(48, "Available", Tone.Good)]
    [InlineData(24, "Available, stale", Tone.Warn)]
    public void Warehouse_OlderThanItMayBe_IsNeverPlainlyGreen(int hours, string text, Tone tone)
    {
        var now = DateTimeOffset.Parse("2026-11-27T12:00Z");
        var warehouse = Sample.Warehouse() with
        {
            PublishedAt = now.AddHours(-25),
            PublishedRun = 1,
            Freshness = new FreshnessLimits(NewestEvent: 0, hours),
        };

        var look = StatusBadges.For(warehouse, latest: null, Sample.Run(1, RunState.Succeeded), now);

        Assert.Equal((text, tone), (look.Text, look.Tone));
    }

    [Fact]
    public void RunWithOneReject_IsASuccessToLookAt()
    {
        var look = StatusBadges.For(
            Sample.Run(state: RunState.Succeeded, steps: Sample.Step("stage-events", StepState.Succeeded, rejects: 1)));

        Assert.Equal(("Succeeded with 1 reject", Tone.Warn), (look.Text, look.Tone));
    }

    [Theory]
    [InlineData(0, 2, "Succeeded with 2 warnings")]
    [InlineData(1, 1, "Succeeded with 1 reject and 1 warning")]
    public void RunWithWarnings_IsNeverPlainlyGreen(long rejects, long warnings, string text)
    {
        var step = Sample.Step("stage-events", StepState.Succeeded, rejects: rejects) with { Warnings = warnings };

        var look = StatusBadges.For(Sample.Run(state: RunState.Succeeded, steps: step));

        Assert.Equal((text, Tone.Warn), (look.Text, look.Tone));
    }

    [Theory]
    [InlineData(WarehouseState.Defined, null, "Provision")]
    [InlineData(WarehouseState.Available, null, "Load")]
    [InlineData(WarehouseState.Available, RunState.Succeeded, "Load")]
    [InlineData(WarehouseState.Available, RunState.Running, "Watch the load")]
    [InlineData(WarehouseState.Available, RunState.Failed, "Retry the load")]
    [InlineData(WarehouseState.Available, RunState.Cancelled, "Retry the load")]
    [InlineData(WarehouseState.Available, RunState.NeedsDecision, "Decide on the load")]
    [InlineData(WarehouseState.Paused, RunState.NeedsDecision, "Decide on the load")]
    [InlineData(WarehouseState.Available, RunState.Discarded, "Load")]
    [InlineData(WarehouseState.Removed, null, "See the proof")]
    public void NextAction_IsTheObviousOne(WarehouseState state, RunState? latest, string text) =>
        Assert.Equal(text, NextAction.For(Sample.Warehouse(state: state), latest is { } l ? Sample.Run(state: l) : null).Text);

    [Fact]
    public void NextAction_AfterACheckThatFailed_IsStillToLoad() => Assert.Equal(
        "Load", NextAction.For(
            Sample.Warehouse(state: WarehouseState.Available), Sample.Run(kind: RunKind.Check, state: RunState.Failed)).Text);

    [Theory]
    [InlineData(WarehouseState.Available, RunState.Failed, "Load")]
    [InlineData(WarehouseState.Paused, RunState.Cancelled, "Resume")]
    [InlineData(WarehouseState.Defined, RunState.Failed, "See what is left")]
    [InlineData(WarehouseState.Removed, RunState.Failed, "See the proof")]
    public void NextAction_AfterATeardownThatEndedEarly_DestroysNothingByOneClick(WarehouseState state, RunState latest, string text)
    {
        var next = NextAction.For(Sample.Warehouse(state: state), Sample.Run(state: latest, kind: RunKind.Teardown));

        Assert.Equal((text, null), (next.Text, next.Retry));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(0L, "0")]
    [InlineData(14896L, "14,896")]
    public void Count_GroupsDigitsAndSaysNothingOfTheUnknown(long? value, string text) => Assert.Equal(text, Format.Count(value));

    [Theory]
    [InlineData(null, "")]
    [InlineData(999L, "999 B")]
    [InlineData(4_800_000L, "4.8 MB")]
    [InlineData(999_960L, "1.0 MB")]
    [InlineData(123_000_000_000L, "123 GB")]
    public void Bytes_AreHumanised(long? value, string text) => Assert.Equal(text, Format.Bytes(value));

    [Theory]
    [InlineData(0.042, "42 ms")]
    [InlineData(4.2, "4.2 s")]
    [InlineData(12.7, "12.7 s")]
    [InlineData(72, "1 m 12 s")]
    [InlineData(7500, "2 h 05 m")]
    [InlineData(100_000, "1 d 03 h")]
    public void Duration_ReadsLikeSpeech(double seconds, string text) => Assert.Equal(text, Format.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(null, false, "Empty, nothing loaded yet", Tone.Neutral)]
    [InlineData(RunState.Failed, false, "Empty, its load failed", Tone.Bad)]
    [InlineData(RunState.Failed, true, "Available, the latest load failed", Tone.Warn)]
    [InlineData(RunState.NeedsDecision, true, "Needs a decision", Tone.Decide)]
    [InlineData(RunState.Succeeded, true, "Available", Tone.Good)]
    public void Warehouse_IsPlainlyAvailable_OnlyWhenItsLatestLoadWas(RunState? load, bool published, string text, Tone tone)
    {
        var run = load is { } state ? Sample.Run(state: state) : null;

        var look = StatusBadges.For(Sample.Warehouse(published: published), run, run, Sample.Noon);

        Assert.Equal((text, tone), (look.Text, look.Tone));
    }

    [Fact]
    public void Warehouse_WithARunAtWork_OrNotThere_SaysThatFirst()
    {
        var failed = Sample.Run(id: 1, state: RunState.Failed);

        Assert.Equal("Loading", StatusBadges.For(Sample.Warehouse(), Sample.Run(id: 2), failed, Sample.Noon).Text);
        Assert.Equal("Removed", StatusBadges.For(Sample.Warehouse(state: WarehouseState.Removed), failed, failed, Sample.Noon).Text);
    }

    [Fact]
    public void RejectsQuery_GoesIntoTheAddressAndBack()
    {
        var query = new RejectsQuery(12, SourcePart.Events, 2);

        Assert.Equal("/warehouses/music/rejects?run=12&part=events&page=2", query.ToUrl("music"));
        Assert.Equal(query, RejectsQuery.From(12, "events", 2));
        Assert.Equal("/warehouses/music/rejects", RejectsQuery.From(-1, "x", 0).ToUrl("music"));
        Assert.Equal("/warehouses/music/rejects?reason=ts%3A%20no", RejectsQuery.From(null, null, null, "ts: no").ToUrl("music"));
    }

    [Fact]
    public void BrowserClock_ShowsTheBrowsersZone()
    {
        var clock = new BrowserClock(TimeProvider.System);
        clock.Use(new BrowserZone("Nowhere/Unknown", 120));

        Assert.Equal("14:00:00.000", clock.Precise(Sample.Noon));
        Assert.Equal("2026-03-14 12:00:00 UTC", BrowserClock.Utc(Sample.Noon));
    }
}
