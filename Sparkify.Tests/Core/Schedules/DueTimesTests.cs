using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Tests.Core.Runs;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Schedules.ScheduleBench;

namespace Sparkify.Tests.Core.Schedules;

/// <summary>What becomes of the times of a schedule, on a real store with a clock that the test moves.</summary>
public sealed class DueTimesTests
{
    [Fact]
    public async Task Wake_ATimeThatHasCome_StartsOneRunInTheNameOfTheSchedule_HoweverOftenItIsDelivered()
    {
        await using var bench = await StartAsync();
        var nightly = await bench.AddAsync(Nightly());

        Assert.Null((await bench.WakeAsync(nightly, "2040-03-01T02:29:59Z")).Last);
        bench.Clock.SetUtcNow(DateTimeOffset.Parse("2040-03-01T02:30:07Z"));
        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => n % 2 == 0
            ? bench.Due.WakeAsync(nightly.Id, default) : bench.Due.WorkAsync(default)));
        var shown = await bench.WakeAsync(nightly, "2040-03-01T02:31:00Z");

        var run = Assert.Single(await bench.RunsAsync());
        Assert.Equal((RunKind.Load, "schedule nightly, set up by local administrator"), (run.Kind, run.Actor));
        Assert.Equal((TimeOutcome.Started, run.Id, "Thu 1 Mar 2040, 02:30 UTC"), (shown.Last!.Outcome, shown.Last.Run, shown.Last.Local));
        Assert.Equal("Fri 2 Mar 2040, 02:30 UTC", shown.Next[0].Local);
        Assert.Equal(
            [$"schedule nightly, set up by local administrator: done, Run {run.Id}."], await bench.AuditAsync());
        Assert.Equal(RunState.Succeeded, (await bench.App.App.EndAsync(run.Id)).State);
        Assert.Equal(RunState.Succeeded, (await bench.ReadAsync(nightly)).Last!.RunState);
        Assert.Contains(
            await bench.App.Runs.LogAsync(run.Id, 0, 10, default),
            l => l.Message == "Queued by schedule nightly, set up by local administrator.");
    }

    [Fact]
    public async Task Work_AfterADeathBetweenTheTimeAndItsRun_StartsTheRun_AndOnlyOne()
    {
        await using var bench = await StartAsync();
        var nightly = await bench.AddAsync(Nightly());
        // What a process has written that died before it asked for the run.
        await bench.ExecuteAsync(
            $"insert into schedule_times (schedule, due, outcome) values ({nightly.Id}, '2040-03-01T02:30Z', 'due');" +
            $"update schedules set since = '2040-03-01T02:30Z' where id = {nightly.Id}");

        bench.Clock.SetUtcNow(DateTimeOffset.Parse("2040-03-01T02:31:00Z"));
        await bench.Due.WorkAsync(default);
        await bench.Due.WorkAsync(default);

        var run = Assert.Single(await bench.RunsAsync());
        var last = (await bench.ReadAsync(nightly)).Last!;
        Assert.Equal((TimeOutcome.Started, run.Id), (last.Outcome, last.Run));
    }

    [Fact]
    public async Task Misfire_Once_MakesUpForAllThatWereMissedWithOneRun()
    {
        await using var bench = await StartAsync();
        var nightly = await bench.AddAsync(Nightly(misfire: Misfire.Once));

        var shown = await bench.WakeAsync(nightly, "2040-03-04T12:00:00Z");

        Assert.Single(await bench.RunsAsync());
        Assert.Equal(
            (TimeOutcome.Started, "It makes up for 4 times that came while the application was not at work.", "Sun 4 Mar 2040, 02:30 UTC"),
            (shown.Last!.Outcome, shown.Last.Said, shown.Last.Local));
    }

    [Fact]
    public async Task Misfire_Skip_LeavesThemOut_AndTheNextTimeRuns()
    {
        await using var bench = await StartAsync();
        var nightly = await bench.AddAsync(Nightly(misfire: Misfire.Skip));

        var shown = await bench.WakeAsync(nightly, "2040-03-04T12:00:00Z");

        Assert.Empty(await bench.RunsAsync());
        Assert.Equal(
            (TimeOutcome.Missed, "4 times came while the application was not at work, and were left out."), (shown.Last!.Outcome, shown.Last.Said));
        Assert.Equal(
            ["schedule nightly, set up by local administrator: failed, 4 times came while the application was not at work, and were left out."],
            await bench.AuditAsync());

        shown = await bench.WakeAsync(nightly, "2040-03-05T02:30:01Z");
        Assert.Equal((TimeOutcome.Started, null), (shown.Last!.Outcome, shown.Last.Said));
        await bench.App.App.EndAsync(Assert.Single(await bench.RunsAsync()).Id);

        // Back a minute before a time, and a little late for it: that one is not missed, those before it are.
        shown = await bench.WakeAsync(nightly, "2040-03-08T02:33:00Z");
        Assert.Equal(
            (TimeOutcome.Started, "2 times before it came while the application was not at work, and were left out."),
            (shown.Last!.Outcome, shown.Last.Said));
    }

    [Fact]
    public async Task Overlap_Refuse_LeavesTheTimeOut_AndSaysWhichRunWasAtWork()
    {
        var gate = new Gate();
        await using var bench = await StartAsync(FakeRun.Step("one", (_, ct) => gate.PassAsync(ct)));
        var nightly = await bench.AddAsync(Nightly(overlap: Overlap.Refuse));
        var other = await bench.App.Runs.StartAsync(bench.Warehouse, RunKind.Load, Me, default);
        await gate.Reached;

        var shown = await bench.WakeAsync(nightly, "2040-03-01T02:30:00Z");

        Assert.Equal((TimeOutcome.Skipped, $"It was left out: run {other.Id} is at work."), (shown.Last!.Outcome, shown.Last.Said));
        gate.Open();
        await bench.App.App.EndAsync(other.Id);
        await bench.Due.WorkAsync(default);
        Assert.Single(await bench.RunsAsync());
    }

    [Fact]
    public async Task Overlap_Queue_RunsWhenTheOtherHasEnded_ByItself_AndATimeMeanwhileIsLeftOut()
    {
        var gate = new Gate();
        await using var bench = await StartAsync(FakeRun.Step("one", (_, ct) => gate.PassAsync(ct)));
        var hourly = await bench.AddAsync(Nightly("hourly", "0 * * * *", overlap: Overlap.Queue));
        var other = await bench.App.Runs.StartAsync(bench.Warehouse, RunKind.Load, Me, default);
        await gate.Reached;

        var shown = await bench.WakeAsync(hourly, "2040-03-01T01:00:00Z");
        Assert.Equal((TimeOutcome.Waiting, $"It waits: run {other.Id} is at work."), (shown.Last!.Outcome, shown.Last.Said));
        shown = await bench.WakeAsync(hourly, "2040-03-01T02:00:00Z");
        Assert.Equal(
            (TimeOutcome.Skipped, "The time before, Thu 1 Mar 2040, 01:00 UTC, still waits for its run."), (shown.Last!.Outcome, shown.Last.Said));
        Assert.Single(await bench.RunsAsync());

        gate.Open();

        // Nobody wakes it: the end of the other run does.
        var runs = await Eventually.BecomesAsync(bench.RunsAsync, static all => all.Count == 2);
        Assert.Equal("schedule hourly, set up by local administrator", runs[1].Actor);
        await bench.App.App.EndAsync(runs[1].Id);
        Assert.Equal(2, (await bench.RunsAsync()).Count);
        Assert.Contains(
            await bench.AuditAsync(), l => l == $"schedule hourly, set up by local administrator: done, Run {runs[1].Id}.");
    }

    [Theory]
    [InlineData(Overlap.Refuse, TimeOutcome.Skipped, "It was left out: run {0} needs a decision.")]
    [InlineData(Overlap.Queue, TimeOutcome.Waiting, "It waits: run {0} needs a decision.")]
    public async Task Overlap_WithALoadThatAsksAPerson_DoesNotTakeTheirDecisionAway(Overlap overlap, TimeOutcome outcome, string said)
    {
        var asked = FakeRun.Step("one") with { AskAsync = static (_, _) => Task.FromResult<string?>("Is that so?") };
        await using var bench = await StartAsync(asked);
        var nightly = await bench.AddAsync(Nightly(overlap: overlap));
        var other = await bench.App.App.EndAsync((await bench.App.Runs.StartAsync(bench.Warehouse, RunKind.Load, Me, default)).Id);
        Assert.Equal(RunState.NeedsDecision, other.State);

        var shown = await bench.WakeAsync(nightly, "2040-03-01T02:30:00Z");

        Assert.Equal((outcome, string.Format(null, said, other.Id)), (shown.Last!.Outcome, shown.Last.Said));
        Assert.Equal(RunState.NeedsDecision, (await bench.App.Runs.FindAsync(other.Id, default))!.State);
        await bench.App.Runs.DiscardAsync(other.Id, why: null, Me, default);
        if (overlap == Overlap.Queue)
        {
            await Eventually.BecomesAsync(bench.RunsAsync, static all => all.Count == 2);
        }
    }

    [Fact]
    public async Task Wake_AWarehouseThatCannotBeLoaded_IsRefused_AndTheSentenceStandsOnTheSchedule()
    {
        // Its loads are the real ones, and it was never provisioned.
        await using var app = await RunsApp.StartAsync();
        await using var bench = new ScheduleBench(app);
        var nightly = await bench.AddAsync(Nightly());

        var shown = await bench.WakeAsync(nightly, "2040-03-01T02:30:00Z");

        var sentence = $"The warehouse '{bench.Warehouse}' is defined, not available: provision it first.";
        Assert.Equal((TimeOutcome.Refused, sentence, null), (shown.Last!.Outcome, shown.Last.Said, shown.Last.Run));
        await bench.ExecuteAsync($"update warehouses set state = 'paused' where name = '{bench.Warehouse}'");
        shown = await bench.WakeAsync(nightly, "2040-03-02T02:30:00Z");
        Assert.Equal($"The warehouse '{bench.Warehouse}' is paused: resume it first.", shown.Last!.Said);
        Assert.Equal($"schedule nightly, set up by local administrator: refused, {sentence}", (await bench.AuditAsync())[0]);
        Assert.Empty(await bench.RunsAsync());
    }

    [Fact]
    public async Task Wake_SomethingUnexpected_IsSaidOnTheSchedule_AndKeepsNoOtherWaiting()
    {
        await using var app = await RunsApp.StartAsync(new BrokenLoad());
        await using var bench = new ScheduleBench(app);
        var nightly = await bench.AddAsync(Nightly());

        var shown = await bench.WakeAsync(nightly, "2040-03-01T02:30:00Z");

        Assert.Equal(
            (TimeOutcome.Refused, "It failed for a reason that is in the application's log."), (shown.Last!.Outcome, shown.Last.Said));
    }

    [Fact]
    public async Task Wake_APersonWhoMayNotAnyMore_OrHasNoAccount_IsRefused_UntilSomebodyTakesItOver()
    {
        await using var bench = await StartAsync();
        var before = await bench.AddAsync(Nightly("before accounts"));
        await bench.Get<IDoor>().BeginAsync("ann", "correct horse battery", default);
        var people = bench.Get<IPeople>();
        var bob = await people.AddAsync("bob", "correct horse battery", [new Grant(Role.Operator, bench.Warehouse)], Me, default);
        var nightly = await bench.AddAsync(Nightly(), new Actor("bob"));
        Assert.Equal("ann", (await bench.ReadAsync(before)).SetUpBy); // the first person has what was made at the machine

        await bench.App.App.EndAsync((await bench.WakeAsync(nightly, "2040-03-01T02:30:00Z")).Last!.Run!.Value);
        await people.GrantAsync(bob.Id, [new Grant(Role.Analyst, bench.Warehouse)], Me, default);
        var shown = await bench.WakeAsync(nightly, "2040-03-02T02:30:00Z");
        Assert.Equal(TimeOutcome.Refused, shown.Last!.Outcome);
        Assert.StartsWith(
            $"bob, who set this schedule up, may not start a load of '{bench.Warehouse}' any more.", shown.Last.Said, StringComparison.Ordinal);

        await people.CloseAsync(bob.Id, closed: true, Me, default);
        shown = await bench.WakeAsync(nightly, "2040-03-03T02:30:00Z");
        Assert.StartsWith("bob, who set this schedule up, has no account here any more.", shown.Last!.Said, StringComparison.Ordinal);
        Assert.Single(await bench.RunsAsync());

        await bench.Schedules.ResumeAsync(bench.Warehouse, nightly.Id, new Actor("ann"), default);
        shown = await bench.WakeAsync(nightly, "2040-03-04T02:30:00Z");
        Assert.Equal((TimeOutcome.Started, "ann"), (shown.Last!.Outcome, shown.SetUpBy));
        Assert.Equal("schedule nightly, set up by ann", (await bench.RunsAsync())[1].Actor);
    }

    [Fact]
    public async Task Pause_LeavesOutWhatWaits_AndResume_MakesUpForNothing()
    {
        var gate = new Gate();
        await using var bench = await StartAsync(FakeRun.Step("one", (_, ct) => gate.PassAsync(ct)));
        var nightly = await bench.AddAsync(Nightly(overlap: Overlap.Queue));
        var other = await bench.App.Runs.StartAsync(bench.Warehouse, RunKind.Load, Me, default);
        await gate.Reached;
        await bench.WakeAsync(nightly, "2040-03-01T02:30:00Z");

        var paused = await bench.Schedules.PauseAsync(bench.Warehouse, nightly.Id, Me, default);

        Assert.Equal((true, 0), (paused.Paused, paused.Next.Count));
        Assert.Equal(
            (TimeOutcome.Skipped, "The schedule was paused by local administrator before its run began."), (paused.Last!.Outcome, paused.Last.Said));
        gate.Open();
        await bench.App.App.EndAsync(other.Id);
        await bench.WakeAsync(nightly, "2040-03-05T02:30:00Z");
        await bench.Due.WorkAsync(default);
        var resumed = await bench.Schedules.ResumeAsync(bench.Warehouse, nightly.Id, Me, default);
        await bench.Due.WorkAsync(default);
        Assert.Equal("Tue 6 Mar 2040, 02:30 UTC", resumed.Next[0].Local);
        Assert.Single(await bench.RunsAsync());
    }

    [Fact]
    public async Task Wake_OfAScheduleThatIsGone_DoesNothing()
    {
        await using var bench = await StartAsync();
        var nightly = await bench.AddAsync(Nightly());
        await bench.Schedules.DeleteAsync(bench.Warehouse, nightly.Id, Me, default);

        bench.Clock.SetUtcNow(DateTimeOffset.Parse("2040-03-02T02:30:00Z"));
        await bench.Due.WakeAsync(nightly.Id, default);

        Assert.Empty(await bench.RunsAsync());
    }

    private sealed class BrokenLoad : IRunDefinition
    {
        public RunKind Kind => RunKind.Load;

        public Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct) =>
            throw new InvalidOperationException("A bug.");
    }
}
