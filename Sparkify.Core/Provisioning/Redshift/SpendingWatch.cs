using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>
/// Keeps clusters within their monthly limits: tells people in time, and pauses where that is chosen. Never more than a pause, and never
/// over a run that is at work: after it. What it judges by is in the store, so a restart changes nothing.
/// </summary>
internal sealed class SpendingWatch(
    IWarehouses warehouses, IRedshift redshift, IRuns runs, INoticeOutbox notices, TimeProvider clock, ILogger<SpendingWatch> logger)
    : IUpkeep
{
    // A pause that failed is tried again, but not every minute.
    private static readonly TimeSpan Respite = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    public string Name => "spending-limit";

    public string Cron => "* * * * *";

    /// <summary>Looks at every warehouse once.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        foreach (var warehouse in await warehouses.ListAsync(ct))
        {
            if (warehouse is { Target: WarehouseTarget.Redshift, State: not WarehouseState.Removed }
                && warehouse.Redshift is { MonthlyLimit: not null } settings)
            {
                await LookAsync(warehouse, settings, ct);
            }
        }
    }

    private async Task LookAsync(Warehouse warehouse, RedshiftSettings settings, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var cost = await redshift.CostAsync(warehouse.Name, ct);
        if (Spending.Of(settings, cost, now) is not { Warns: true } spending)
        {
            return;
        }

        await TellAsync(warehouse.Name, settings, spending, now, ct);
        if (spending.Reached && settings.PauseAtLimit && await OnRedshift.MayRunAsync(warehouses, warehouse, ct))
        {
            await PauseAsync(warehouse.Name, spending, now, ct);
        }
    }

    private async Task TellAsync(
        string warehouse, RedshiftSettings settings, Spending spending, DateTimeOffset now, CancellationToken ct)
    {
        // Once a month for each of the two, and anew for another limit.
        var share = spending.Reached ? 100 : Spending.WarningPercent;
        var occasion = string.Create(
            CultureInfo.InvariantCulture, $"spending {warehouse} {now.UtcDateTime:yyyy-MM} {spending.Limit} {share}");
        if (_told.ContainsKey(occasion))
        {
            return;
        }

        var says = !spending.Reached
            ? string.Create(CultureInfo.InvariantCulture, $"at least {Spending.WarningPercent} % of its monthly limit of ${spending.Limit:#,0.00}.")
            : string.Create(CultureInfo.InvariantCulture, $"and has reached its monthly limit of ${spending.Limit:#,0.00}. ")
                + (settings.PauseAtLimit ? "It is paused as soon as no run is at work." : "It runs on until somebody pauses it.");
        await notices.TellAsync(
            new Notice(
                NoticeEvent.Spending, now, warehouse,
                string.Create(CultureInfo.InvariantCulture, $"The cluster of the warehouse '{warehouse}' has cost ${spending.Spent:#,0.00} this month, {says}")),
            occasion, ct);
        _told[occasion] = true;
        SpendingLog.Told(logger, warehouse, spending.Spent, spending.Limit);
    }

    private async Task PauseAsync(string warehouse, Spending spending, DateTimeOffset now, CancellationToken ct)
    {
        var own = (await runs.LatestAsync(ct)).Where(r => r.Warehouse == warehouse).ToList();
        if (own.Exists(static r => r.Active) || own.Exists(r => r is { Kind: RunKind.Pause, FinishedAt: { } at } && now < at + Respite))
        {
            return;
        }

        try
        {
            var run = await runs.StartAsync(warehouse, RunKind.Pause, Actor.System, ct);
            SpendingLog.Paused(logger, warehouse, spending.Spent, spending.Limit, run.Id);
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.Conflict)
        {
            // Someone was quicker; the next round looks anew.
            SpendingLog.Overtaken(logger, warehouse, ex.Message);
        }
    }
}

internal static partial class SpendingLog
{
    [LoggerMessage(1204, LogLevel.Warning, "The warehouse {Warehouse} has cost ${Spent} of its monthly limit of ${Limit}")]
    public static partial void Told(ILogger logger, string warehouse, decimal spent, decimal limit);

    [LoggerMessage(1205, LogLevel.Warning, "The warehouse {Warehouse} has cost ${Spent} of its monthly limit of ${Limit}: run {Run} pauses it")]
    public static partial void Paused(ILogger logger, string warehouse, decimal spent, decimal limit, long run);

    [LoggerMessage(1206, LogLevel.Information, "The warehouse {Warehouse} is at its monthly limit and was not paused: {Reason}")]
    public static partial void Overtaken(ILogger logger, string warehouse, string reason);
}
