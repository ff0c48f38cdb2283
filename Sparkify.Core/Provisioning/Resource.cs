using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

/// <summary>What is there of a resource.</summary>
/// <param name="Exists">Whether it exists.</param>
/// <param name="Ours">Whether its mark says that it is this warehouse's.</param>
/// <param name="Drift">How it differs from what it should be, and what provisioning changes; none when it does not.</param>
/// <param name="Arn">Its name in AWS; none for what has none.</param>
/// <param name="Differs">How it differs in what provisioning does not change; none when it does not.</param>
internal sealed record ObservedState(bool Exists, bool Ours = true, string? Drift = null, string? Arn = null, string? Differs = null)
{
    public static ObservedState Nothing { get; } = new(Exists: false);

    /// <summary>
    /// Whether it is ours by the journal and carries no mark yet: the application was killed between making and marking it.
    /// </summary>
    public bool Unmarked { get; init; }
}

/// <summary>Where resources are: one warehouse's part of a server or an account.</summary>
internal interface IResourceScope
{
    /// <summary>The warehouse.</summary>
    string Warehouse { get; }

    /// <summary>The server or the account, at the beginning of a sentence.</summary>
    string Owner { get; }
}

/// <summary>
/// One thing a warehouse owns on a target: look, create, look again. It looks before it acts, so everything can be repeated after any
/// crash.
/// </summary>
/// <typeparam name="TScope">What it takes to reach it.</typeparam>
internal abstract class Resource<TScope>(string kind, string name)
    where TScope : IResourceScope
{
    public string Kind { get; } = kind;

    public string Name { get; } = name;

    /// <summary>What to do when another's is in its place.</summary>
    public virtual string WayOut => "choose another warehouse name, or remove it by hand";

    /// <summary>Its settings, in words.</summary>
    public abstract Task<string> DetailAsync(TScope scope, CancellationToken ct);

    public abstract Task<ObservedState> LookAsync(TScope scope, CancellationToken ct);

    /// <summary>What provisioning would do; a sentence when something that is not ours is in the way.</summary>
    public async Task<PlannedResource> PlanAsync(TScope scope, IWarehouseJournal journal, CancellationToken ct)
    {
        var observed = await LookAsync(scope, ct);
        Refuse(observed, scope);
        var action = !observed.Exists ? PlannedAction.Create
            : observed.Unmarked ? PlannedAction.Adopt
            : observed.Drift is not null ? PlannedAction.Change
            : await journal.HasAsync(scope.Warehouse, Kind, Name, ct) ? PlannedAction.None
            : PlannedAction.Adopt;
        var detail = await DetailAsync(scope, ct);
        return new PlannedResource(Kind, Name, action, observed.Drift is { } drift ? $"{detail}. To be changed: {drift}" : detail);
    }

    /// <summary>Creates it unless it is there, and sets right what has drifted. It is in the journal before it exists.</summary>
    public async Task EnsureAsync(TScope scope, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var observed = await LookAsync(scope, ct);
        Refuse(observed, scope);
        await journal.AddAsync(scope.Warehouse, Kind, Name, ct, observed.Exists ? null : step.Run);
        if (!observed.Exists)
        {
            await CreateOnceAsync(scope, step, ct);
        }
        else if (observed.Unmarked || observed.Drift is not null)
        {
            await ChangeAsync(scope, step, ct);
            step.Log(observed.Unmarked ? $"The {Kind} {Name} is there already; it is marked now." : $"Changed the {Kind} {Name}: {observed.Drift}.");
        }
        else
        {
            step.Log($"The {Kind} {Name} is there already.");
        }
    }

    /// <summary>Removes it when it is there and ours, and writes into the journal what became of it.</summary>
    public async Task RemoveAsync(TScope scope, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var observed = await LookAsync(scope, ct);
        if (!observed.Exists)
        {
            step.Log($"The {Kind} {Name} is gone already.");
        }
        else if (!observed.Ours)
        {
            step.Warn($"The {Kind} {Name} does not carry our mark: left alone.");
        }
        else
        {
            try
            {
                await DeleteAsync(scope, step, ct);
            }
            catch (Exception e) when (SaysGone(e))
            {
                // Gone between the look and the call, or by a first try whose answer was lost.
            }

            step.Log($"Removed the {Kind} {Name}.");
        }

        await journal.RemovedAsync(scope.Warehouse, Kind, Name, leftAlone: observed is { Exists: true, Ours: false }, ct);
    }

    protected abstract Task CreateAsync(TScope scope, StepContext step, CancellationToken ct);

    protected abstract Task ChangeAsync(TScope scope, StepContext step, CancellationToken ct);

    protected abstract Task DeleteAsync(TScope scope, StepContext step, CancellationToken ct);

    /// <summary>Whether a failed deletion says that there was nothing to delete.</summary>
    protected virtual bool SaysGone(Exception failure) => false;

    /// <summary>Whether a creation that failed so may have taken effect all the same.</summary>
    protected virtual bool MayHaveCreated(Exception failure) => false;

    private async Task CreateOnceAsync(TScope scope, StepContext step, CancellationToken ct)
    {
        try
        {
            await CreateAsync(scope, step, ct);
            step.Log($"Created the {Kind} {Name}.");
        }
        catch (Exception e) when (MayHaveCreated(e))
        {
            // The answer to a create that took effect may have been lost, and its repetition refused as a duplicate: look who is there.
            var observed = await LookAsync(scope, ct);
            Refuse(observed, scope);
            if (!observed.Exists)
            {
                throw;
            }

            step.Log($"Created the {Kind} {Name}; its answer was lost on the way and it was found again.");
        }
    }

    private void Refuse(ObservedState observed, TScope scope)
    {
        if (observed is { Exists: true, Ours: false })
        {
            throw SparkifyException.Conflict(
                $"{scope.Owner} already has a {Kind} named '{Name}' that this Sparkify did not make{(observed.Differs is { } how ? $" ({how})" : "")}. " +
                $"It is left as it is: {WayOut}.");
        }
    }
}
