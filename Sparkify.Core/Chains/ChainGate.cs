using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Chains;

/// <summary>Keeps a warehouse free for the chain at work on it between two of its runs.</summary>
internal sealed class ChainGate : IRunGate
{
    public async Task PassAsync(NpgsqlConnection db, NewRun asked, CancellationToken ct)
    {
        if (await ChainRows.InTheWayAsync(db, asked.Warehouse, ct) is { } chain)
        {
            throw await RefusalAsync(db, asked.Warehouse, chain, ct);
        }

        if (asked.Kind == RunKind.Export && !await ChainRows.IsStartingAsync(db, asked.Warehouse, ct))
        {
            throw WithoutChain(asked.Warehouse);
        }
    }

    public async Task PassAgainAsync(NpgsqlConnection db, RunView run, CancellationToken ct)
    {
        if (await ChainRows.InTheWayAsync(db, run.Warehouse, ct) is { } chain && chain != run.Chain)
        {
            throw await RefusalAsync(db, run.Warehouse, chain, ct);
        }
    }

    /// <summary>Why reports cannot be saved by a run that is not a chain's, to be thrown.</summary>
    public static SparkifyException WithoutChain(string warehouse) => SparkifyException.Invalid(
        $"Reports are saved by a chain, which says which ones. Start one: POST /api/v1/warehouses/{warehouse}/chains.");

    /// <summary>Why a run or a chain cannot start, to be thrown: it names the run that the chain in the way has at work.</summary>
    public static async Task<SparkifyException> RefusalAsync(NpgsqlConnection db, string warehouse, long chain, CancellationToken ct) =>
        SparkifyException.Conflict(
            $"The warehouse '{warehouse}' already has a chain at work: chain {chain}. Wait for it, or cancel it.",
            (await RunQueries.OfChainsAsync(db, [chain], ct)).LastOrDefault(static r => r.Active)?.Id);

    /// <summary>Makes a run one of a chain's, which was starting it.</summary>
    public static async Task StartedAsync(NpgsqlConnection db, long chain, long run, CancellationToken ct)
    {
        await RunLedger.ChainAsync(db, run, chain, ct);
        await ChainRows.StartingAsync(db, chain, starting: false, ct);
    }
}
