using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Notices;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>The guard over idle clusters, for those who show it.</summary>
[Guarded]
public interface IIdleWatch
{
    /// <summary>
    /// The verdict on a warehouse; none when there is nothing to guard, because it does not run on Redshift or is at work.
    /// </summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IdleVerdict?> JudgeAsync(string warehouse, CancellationToken ct);

    /// <summary>Puts the guard's time off by so much; gives the new verdict.</summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<IdleVerdict?> KeepAsync(string warehouse, TimeSpan longer, Actor actor, CancellationToken ct);
}

/// <summary>
/// Stops clusters nobody uses. What it judges by is in the store (when the last run ended), so it goes on where it was after a
/// restart; only then it waits for the length of a warning, so that nobody is surprised.
/// </summary>
internal sealed class IdleWatch(
    IWarehouses warehouses, IRuns runs, INoticeOutbox notices, TimeProvider clock, ILogger<IdleWatch> logger) : IIdleWatch, IUpkeep
{
    // A stop that failed is tried again, but not every minute.
    private static readonly TimeSpan Respite = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan LongestPromise = TimeSpan.FromDays(7);

    private readonly DateTimeOffset _started = clock.GetUtcNow();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _warned = new(StringComparer.Ordinal);

    public async Task<IdleVerdict?> JudgeAsync(string warehouse, CancellationToken ct)
        => await warehouses.FindAsync(warehouse, ct) is { } found ? await JudgeAsync(found, await runs.LatestAsync(ct), ct) : null;

    public async Task<IdleVerdict?> KeepAsync(string warehouse, TimeSpan longer, Actor actor, CancellationToken ct)
    {
        if (longer < TimeSpan.FromMinutes(1) || longer > LongestPromise)
        {
            throw SparkifyException.Invalid(
                $"A warehouse is kept for 1 minute to {LongestPromise.TotalHours:0} hours longer, not {longer.TotalHours:0.##} hours.");
        }

        var described = await OnRedshift.PausableAsync(warehouses, warehouse, "paused", ct);
        var from = (await JudgeAsync(described, await runs.LatestAsync(ct), ct))?.At ?? clock.GetUtcNow();
        await warehouses.ReconfigureAsync(warehouse, Wanted(described) with { KeepUntil = from + longer }, actor, ct);
        return await JudgeAsync(warehouse, ct);
    }

    public string Name => "idle-guard";

    public string Cron => "* * * * *";

    /// <summary>Looks at every warehouse once.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        var latest = await runs.LatestAsync(ct);
        foreach (var warehouse in await warehouses.ListAsync(ct))
        {
            if (await JudgeAsync(warehouse, latest, ct) is { } verdict)
            {
                await ActAsync(warehouse, verdict, ct);
            }
        }
    }

    private async Task<IdleVerdict?> JudgeAsync(Warehouse warehouse, IReadOnlyList<RunView> latest, CancellationToken ct)
    {
        if (!await OnRedshift.MayRunAsync(warehouses, warehouse, ct))
        {
            return null;
        }

        var own = latest.Where(r => r.Warehouse == warehouse.Name).ToList();
        if (own.Exists(static r => r.State is RunState.Queued or RunState.Running))
        {
            return null;
        }

        var wanted = Wanted(warehouse);
        var used = own.Where(static r => r.Kind is RunKind.Load or RunKind.PutBack or RunKind.Provision or RunKind.Resume)
            .Select(static r => r.WorkedUntil ?? r.CreatedAt)
            .Append(warehouse.LastQueryAt ?? warehouse.CreatedAt).Append(warehouse.PublishedAt ?? warehouse.CreatedAt).Max();
        var now = clock.GetUtcNow();
        var does = Does(wanted, own);
        var verdict = IdleGuard.Judge(wanted, used, now);
        if (verdict.At is not { } at)
        {
            return verdict;
        }

        // Not before people had the time of a warning, nor right after a stop that failed.
        var failed = own.Where(r => r.Kind == does && r.FinishedAt > at).Select(static r => r.FinishedAt + Respite).Max();
        var soonest = new[] { at, _started + IdleGuard.Warning, failed ?? at }.Max();
        return new IdleVerdict(now >= soonest, now < soonest && now >= soonest - IdleGuard.Warning, soonest) { Does = does };
    }

    private async Task ActAsync(Warehouse warehouse, IdleVerdict verdict, CancellationToken ct)
    {
        if (verdict is { Warn: true, At: { } at } && _warned.GetValueOrDefault(warehouse.Name) != at)
        {
            await notices.TellAsync(Soon(warehouse.Name, verdict.Does, at), $"idle {warehouse.Name} {at:O}", ct);
            _warned[warehouse.Name] = at;
            IdleLog.Soon(logger, warehouse.Name, at);
        }

        if (!verdict.Act)
        {
            return;
        }

        try
        {
            var run = await runs.StartAsync(warehouse.Name, verdict.Does, Actor.System, ct);
            IdleLog.Stopped(logger, warehouse.Name, run.Kind, run.Id);
        }
        catch (SparkifyException e) when (e.Kind == ProblemKind.Conflict)
        {
            // Someone was quicker; the next round judges anew.
            IdleLog.Overtaken(logger, warehouse.Name, e.Message);
        }
    }

    private Notice Soon(string warehouse, RunKind does, DateTimeOffset at) => new(
        NoticeEvent.Idle, clock.GetUtcNow(), warehouse,
        $"Nobody uses the warehouse '{warehouse}': it will be {(does == RunKind.Teardown ? "torn down" : "paused")} at {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC, unless it is used before or kept longer.");

    private static RedshiftSettings Wanted(Warehouse warehouse) => warehouse.Redshift ?? new RedshiftSettings();

    // A star that needs a decision is not torn down before anybody decides; paused, it waits for little money.
    private static RunKind Does(RedshiftSettings settings, List<RunView> own) =>
        settings.WhenIdle == IdleAction.Teardown && !own.Exists(static r => r.State == RunState.NeedsDecision)
            ? RunKind.Teardown
            : RunKind.Pause;
}

internal static partial class IdleLog
{
    [LoggerMessage(1201, LogLevel.Warning, "Nobody uses the warehouse {Warehouse}: it will be stopped at {At}")]
    public static partial void Soon(ILogger logger, string warehouse, DateTimeOffset at);

    [LoggerMessage(1202, LogLevel.Information, "Nobody used the warehouse {Warehouse}: {Kind} was started as run {Run}")]
    public static partial void Stopped(ILogger logger, string warehouse, RunKind kind, long run);

    [LoggerMessage(1203, LogLevel.Information, "The idle warehouse {Warehouse} was not stopped: {Reason}")]
    public static partial void Overtaken(ILogger logger, string warehouse, string reason);
}
