using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>The guard over clusters nobody uses.</summary>
public sealed class IdleWatchTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeRuns _runs = new();
    private readonly FakeOutbox _notices = new();
    private readonly FakeWarehouses _warehouses = new();
    private readonly DateTimeOffset _loaded;
    private IdleWatch _watch;

    public IdleWatchTests()
    {
        _loaded = _clock.GetUtcNow();
        _watch = Restarted();
        Have();
        _runs.Have(Run(1, RunKind.Load, RunState.Succeeded, _loaded));
        _runs.OnStart = (_, kind, _) => _runs.Have(Run(2, kind, RunState.Queued, null));
    }

    [Fact]
    public async Task It_warns_and_then_pauses_once()
    {
        var beside = Restarted();
        _clock.Advance(TimeSpan.FromMinutes(109));
        await _watch.WorkAsync(None);
        Assert.Equal(new IdleVerdict(false, false, _loaded.AddHours(2)), await _watch.JudgeAsync("music", None));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new IdleVerdict(false, true, _loaded.AddHours(2)), await _watch.JudgeAsync("music", None));
        Assert.Empty(_notices.Told);
        await _watch.WorkAsync(None);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _watch.WorkAsync(None);
        var told = Assert.Single(_notices.Told);
        Assert.Equal((NoticeEvent.Idle, "music"), (told.Notice.Event, told.Notice.Warehouse));
        Assert.Contains("it will be paused at 2000-01-01 02:00 UTC", told.Notice.Text, StringComparison.Ordinal);
        // Another process says it of the same occasion, which the outbox takes once.
        await beside.WorkAsync(None);
        Assert.Equal([told.Occasion, told.Occasion], _notices.Told.Select(static t => t.Occasion));
        _clock.Advance(TimeSpan.FromMinutes(9));
        await _watch.WorkAsync(None);
        await _watch.WorkAsync(None);
        Assert.Equal(("music", RunKind.Pause, null, Actor.System), Assert.Single(_runs.Started));
    }

    [Fact]
    public async Task A_query_puts_it_off()
    {
        _clock.Advance(TimeSpan.FromMinutes(115));
        Have(queried: _clock.GetUtcNow());
        _clock.Advance(TimeSpan.FromMinutes(60));
        await _watch.WorkAsync(None);
        Assert.Empty(_runs.Started);
        _clock.Advance(TimeSpan.FromMinutes(60));
        await _watch.WorkAsync(None);
        Assert.Single(_runs.Started);
    }

    [Fact]
    public async Task A_restart_changes_the_verdict_by_no_more_than_a_warning()
    {
        _clock.Advance(TimeSpan.FromHours(5));
        _watch = Restarted();
        Assert.Equal(new IdleVerdict(false, true, _clock.GetUtcNow() + IdleGuard.Warning), await _watch.JudgeAsync("music", None));
        _clock.Advance(IdleGuard.Warning);
        await _watch.WorkAsync(None);
        Assert.Single(_runs.Started);
    }

    [Fact]
    public async Task A_stop_that_failed_is_tried_again_after_a_while()
    {
        _clock.Advance(TimeSpan.FromHours(3));
        _runs.Have(Run(2, RunKind.Pause, RunState.Failed, _clock.GetUtcNow()));
        await _watch.WorkAsync(None);
        Assert.Empty(_runs.Started);
        _clock.Advance(TimeSpan.FromMinutes(15));
        await _watch.WorkAsync(None);
        Assert.Single(_runs.Started);
    }

    [Theory]
    [InlineData(WarehouseTarget.Local, WarehouseState.Available)]
    [InlineData(WarehouseTarget.Redshift, WarehouseState.Paused)]
    [InlineData(WarehouseTarget.Redshift, WarehouseState.Defined)]
    public async Task What_does_not_run_on_Redshift_is_let_be(WarehouseTarget target, WarehouseState state)
    {
        _warehouses.Have(new Warehouse("music", target, new SampleSource(), 0, state, _loaded, "ann", null, null));
        _clock.Advance(TimeSpan.FromDays(1));
        await _watch.WorkAsync(None);
        Assert.Empty(_runs.Started);
        Assert.Null(await _watch.JudgeAsync("music", None));
    }

    [Fact]
    public async Task A_cluster_that_a_failed_provisioning_left_running_is_stopped_like_any_other()
    {
        _warehouses.Have(
            new Warehouse("music", WarehouseTarget.Redshift, new SampleSource(), 0, WarehouseState.Defined, _loaded, "ann", null, null));
        _warehouses.HaveResources(
            "music", new OwnedResource("IAM role", "r", _loaded, null), new OwnedResource("cluster", "c", _loaded, null));
        _runs.Have(Run(1, RunKind.Provision, RunState.Failed, _loaded));
        _clock.Advance(TimeSpan.FromHours(2));
        await _watch.WorkAsync(None);
        Assert.Equal(RunKind.Pause, Assert.Single(_runs.Started).Kind);
    }

    [Fact]
    public async Task What_has_no_cluster_any_more_is_let_be()
    {
        _warehouses.Have(
            new Warehouse("music", WarehouseTarget.Redshift, new SampleSource(), 0, WarehouseState.Defined, _loaded, "ann", null, null));
        _warehouses.HaveResources(
            "music", new OwnedResource("IAM role", "r", _loaded, null), new OwnedResource("cluster", "c", _loaded, _loaded));
        _clock.Advance(TimeSpan.FromDays(1));
        await _watch.WorkAsync(None);
        Assert.Empty(_runs.Started);
    }

    [Fact]
    public async Task What_is_at_work_is_let_be()
    {
        _runs.Have(Run(3, RunKind.Load, RunState.Running, null));
        _clock.Advance(TimeSpan.FromDays(1));
        await _watch.WorkAsync(None);
        Assert.Empty(_runs.Started);
    }

    [Fact]
    public async Task What_needs_a_decision_is_paused_but_never_taken_down_before_anybody_decides()
    {
        Have(new RedshiftSettings { WhenIdle = IdleAction.Teardown });
        _runs.Have(Run(3, RunKind.Load, RunState.NeedsDecision, null) with { Decision = new RunDecision("Plays fell.", _loaded) });
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(RunKind.Pause, (await _watch.JudgeAsync("music", None))!.Does);
        await _watch.WorkAsync(None);
        Assert.Equal(RunKind.Pause, Assert.Single(_runs.Started).Kind);
    }

    [Fact]
    public async Task It_takes_down_where_that_is_asked_for_and_does_nothing_where_it_is_off()
    {
        _clock.Advance(TimeSpan.FromDays(1));
        Have(new RedshiftSettings { WhenIdle = IdleAction.Nothing });
        await _watch.WorkAsync(None);
        Assert.Empty(_runs.Started);
        Have(new RedshiftSettings { WhenIdle = IdleAction.Teardown });
        await _watch.WorkAsync(None);
        Assert.Equal(RunKind.Teardown, Assert.Single(_runs.Started).Kind);
    }

    [Fact]
    public async Task Another_run_that_was_quicker_is_no_trouble()
    {
        _runs.OnStart = (_, _, _) => throw SparkifyException.Conflict("Run 7 is at work.", 7);
        _clock.Advance(TimeSpan.FromDays(1));
        await _watch.WorkAsync(None);
    }

    private void Have(RedshiftSettings? settings = null, DateTimeOffset? queried = null) => _warehouses.Have(new Warehouse(
        "music", WarehouseTarget.Redshift, new SampleSource(), 0, WarehouseState.Available, _loaded.AddDays(-1), "ann", null, null,
        settings, LastQueryAt: queried));

    private IdleWatch Restarted() => new(_warehouses, _runs, _notices, _clock, NullLogger<IdleWatch>.Instance);

    private static RunView Run(long id, RunKind kind, RunState state, DateTimeOffset? finished)
        => new(
            id, "music", kind, state, null, "ann", finished ?? DateTimeOffset.UnixEpoch, finished, finished, CancelRequested: false, [], 1);
}
