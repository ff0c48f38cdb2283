using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Chains;

/// <summary>Commands on chains. What follows a part is <see cref="ChainWork"/>'s.</summary>
internal sealed class ChainService(
    IStore store, IWarehouses warehouses, IReports reports, IRuns runs, IRunStarts starts, ChainWork work, ChainChanges changes,
    TimeProvider clock) : IChains
{
    public async Task<Chain> StartAsync(string warehouse, NewChain chain, Actor actor, CancellationToken ct)
    {
        var plan = ChainPlan.Of(await warehouses.GetAsync(warehouse, ct), Known(chain.Reports), chain.End);
        foreach (var kind in plan.Parts)
        {
            Demand(actor, kind, warehouse);
        }

        if (plan.End == ChainEnd.Teardown && !string.Equals(chain.Confirm?.Trim(), warehouse, StringComparison.Ordinal))
        {
            throw SparkifyException.Invalid(
                $"At its end this chain destroys '{warehouse}' with all the data in it. Confirm that with the warehouse's name.");
        }

        if (plan.End == ChainEnd.Teardown && chain.Opens is null)
        {
            throw SparkifyException.Invalid(
                "Say what was confirmed to bring the warehouse up before it is torn down: {\"opens\": \"nothing\"}, \"provision\" or \"resume\".");
        }

        if (chain.Opens is { } confirmed && confirmed != plan.Opening)
        {
            throw SparkifyException.Conflict(
                $"'{warehouse}' is not what it was when this chain was confirmed: to bring it up it would now {Said(plan.Opening)}, not {Said(confirmed)}. Look at what the chain would do now, and confirm that.");
        }

        OfNew claim = new(warehouse, plan, actor.Name, clock);
        await starts.StartAsync(warehouse, plan.Parts[0], actor, claim, ct);
        changes.Names.Publish(warehouse);
        return await GetAsync(warehouse, claim.Chain, ct);
    }

    public async Task<Chain> CancelAsync(string warehouse, long id, Actor actor, CancellationToken ct)
    {
        var atWork = await store.InTransactionAsync(async db =>
        {
            if (await ChainRows.FindAsync(db, id, ct, locks: true) is not { } chain || chain.Warehouse != warehouse)
            {
                throw None(warehouse, id);
            }

            if (chain.State != ChainState.Running)
            {
                throw SparkifyException.Conflict($"Chain {id} has ended already ({chain.State.Word()}); there is nothing to cancel.");
            }

            if (chain.Runs.LastOrDefault(static r => r.Kind is RunKind.Pause or RunKind.Teardown) is { } end)
            {
                throw SparkifyException.Conflict(
                    end.Active ? $"Chain {id} is at its end: run {end.Id} ends what it began. Cancel that run, if it is to stay up."
                        : $"Chain {id} is over: run {end.Id} was its end. There is nothing to cancel.",
                    end.Active ? end.Id : null);
            }

            await ChainRows.CancelAsync(db, id, actor.Name, ct);
            return chain.Runs.FirstOrDefault(static r => r.Active)?.Id;
        }, ct);
        changes.Names.Publish(warehouse);
        if (atWork is { } active)
        {
            await StopAsync(active, actor, ct);
        }

        await work.LookAsync(id, ct);
        return await GetAsync(warehouse, id, ct);
    }

    public async Task<Chain> GetAsync(string warehouse, long id, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await ChainRows.FindAsync(db, id, ct) is { } chain && chain.Warehouse == warehouse ? chain.Shown : throw None(warehouse, id);
    }

    public async Task<IReadOnlyList<Chain>> ListAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await ChainRows.ListAsync(db, warehouse, ct)).Select(static c => c.Shown)];
    }

    public Subscription<string> Subscribe() => changes.Names.Subscribe();

    private List<string> Known(IReadOnlyList<string> wanted)
    {
        var unknown = wanted.Except(reports.Catalogue.Select(static r => r.Id)).ToList();
        return unknown.Count == 0 ? [.. wanted.Distinct()] : throw SparkifyException.Invalid(
            $"There is no report '{unknown[0]}'. There are: {string.Join(", ", reports.Catalogue.Select(static r => r.Id))}.");
    }

    // The whole chain is carried out in the name of who confirms it, so it takes what its parts take.
    private static void Demand(Actor actor, RunKind kind, string warehouse)
    {
        if (!actor.May(kind.Needs(), warehouse))
        {
            throw SparkifyException.Denied(
                $"A part of this chain is a {kind.Word()}, for which you need the role {Roles.Least(kind.Needs()).Word()} on '{warehouse}'. An administrator can give it to you.");
        }
    }

    private static string Said(ChainOpening opening) => opening == ChainOpening.Nothing ? "do nothing" : opening.Word();

    private async Task StopAsync(long run, Actor actor, CancellationToken ct)
    {
        try
        {
            await runs.CancelAsync(run, actor, ct);
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.Conflict)
        {
            // It ended in this moment; what comes after it sees that the chain was cancelled.
        }
    }

    private static SparkifyException None(string warehouse, long id) =>
        SparkifyException.NotFound($"The warehouse '{warehouse}' has no chain {id}.");

    // A chain and its first run stand together, or neither does.
    private sealed class OfNew(string warehouse, ChainPlan plan, string actor, TimeProvider clock) : IRunClaim
    {
        public long Chain { get; private set; }

        public async Task<bool> TakeAsync(NpgsqlConnection db, CancellationToken ct)
        {
            if (await ChainRows.InTheWayAsync(db, warehouse, ct) is { } other)
            {
                throw await ChainGate.RefusalAsync(db, warehouse, other, ct);
            }

            Chain = await ChainRows.AddAsync(db, warehouse, plan, actor, clock.GetUtcNow(), ct);
            return true;
        }

        public Task StartedAsync(NpgsqlConnection db, long run, CancellationToken ct) => ChainGate.StartedAsync(db, Chain, run, ct);
    }
}
