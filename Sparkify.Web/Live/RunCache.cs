using Sparkify.Core.Runs;

namespace Sparkify.Web.Live;

/// <summary>The runs a page knows, each in its newest snapshot, whichever way and in whatever order the snapshots came.</summary>
public sealed class RunCache
{
    private readonly Dictionary<long, RunView> _runs = [];

    /// <summary>Takes a snapshot unless a newer one is known; says whether it did.</summary>
    public bool Apply(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!run.IsNewerThan(_runs.GetValueOrDefault(run.Id)))
        {
            return false;
        }

        _runs[run.Id] = run;
        return true;
    }

    /// <summary>Takes many snapshots.</summary>
    public void Apply(IEnumerable<RunView> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        foreach (var run in runs)
        {
            Apply(run);
        }
    }

    /// <summary>Drops the runs of a warehouse that was forgotten.</summary>
    public void Forget(string warehouse)
    {
        foreach (var run in _runs.Values.Where(r => r.Warehouse == warehouse).ToList())
        {
            _runs.Remove(run.Id);
        }
    }

    /// <summary>A run by its number, or none.</summary>
    public RunView? Find(long id) => _runs.GetValueOrDefault(id);

    /// <summary>The run of its kind that went well before this one on its warehouse; none that is known.</summary>
    public RunView? Before(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Newest(run.Warehouse, r => r.Id < run.Id && r.Kind == run.Kind && r.State == RunState.Succeeded);
    }

    /// <summary>All runs that wait or work, oldest first.</summary>
    public IReadOnlyList<RunView> AllActive() => [.. _runs.Values.Where(static r => r.Active).OrderBy(static r => r.Id)];

    /// <summary>The run that waits or works on a warehouse just now.</summary>
    public RunView? Active(string warehouse) => Newest(warehouse, r => r.Active);

    /// <summary>The run to show of a warehouse: the one at work, else the one that needs a decision, else the latest.</summary>
    public RunView? Latest(string warehouse) =>
        Active(warehouse) ?? Newest(warehouse, static r => r.State == RunState.NeedsDecision) ?? Newest(warehouse, static _ => true);

    /// <summary>A warehouse's latest run of a kind.</summary>
    public RunView? Latest(string warehouse, RunKind kind) => Newest(warehouse, r => r.Kind == kind);

    /// <summary>The newest runs, newest first.</summary>
    public IReadOnlyList<RunView> Recent(int most, string? warehouse = null) =>
        [.. _runs.Values.Where(r => warehouse is null || r.Warehouse == warehouse).OrderByDescending(r => r.Id).Take(most)];

    private RunView? Newest(string warehouse, Func<RunView, bool> wanted) =>
        _runs.Values.Where(r => r.Warehouse == warehouse && wanted(r)).MaxBy(r => r.Id);
}
