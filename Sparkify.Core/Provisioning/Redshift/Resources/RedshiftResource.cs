using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>What is there of a resource.</summary>
/// <param name="Exists">Whether it exists.</param>
/// <param name="Ours">Whether its tags say that it is this warehouse's.</param>
/// <param name="Drift">How it differs from what it should be, and what provisioning changes; none when it does not.</param>
/// <param name="Arn">Its name in AWS; none for what has none.</param>
/// <param name="Differs">How it differs in what provisioning does not change; none when it does not.</param>
internal sealed record ObservedState(bool Exists, bool Ours = true, string? Drift = null, string? Arn = null, string? Differs = null)
{
    public static ObservedState Nothing { get; } = new(Exists: false);
}

/// <summary>One thing a warehouse on Redshift owns. Looks before it acts, so everything can be repeated after any crash.</summary>
internal abstract class RedshiftResource(string kind, string name)
{
    public string Kind { get; } = kind;

    public string Name { get; } = name;

    /// <summary>Its settings, in words.</summary>
    public abstract Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct);

    public abstract Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct);

    /// <summary>Where people look at it in the AWS console; none for what has no page.</summary>
    public virtual string? ConsolePath(ProvisioningContext context, ObservedState observed) => null;

    /// <summary>Takes it as it is: its settings where they differ. None when there is nothing to take.</summary>
    public virtual Task<RedshiftSettings?> AsItIsAsync(ProvisioningContext context, CancellationToken ct) => Task.FromResult<RedshiftSettings?>(null);

    /// <summary>Puts this warehouse's tags on it, so that it is ours again.</summary>
    public virtual Task TagAsync(ProvisioningContext context, ObservedState observed, CancellationToken ct)
        => throw SparkifyException.Invalid($"A {Kind} carries no tags.");

    /// <summary>What provisioning would do; a sentence when something that is not ours is in the way.</summary>
    public async Task<PlannedResource> PlanAsync(ProvisioningContext context, IWarehouseJournal journal, CancellationToken ct)
    {
        var observed = await LookAsync(context, ct);
        Refuse(observed, context);
        var action = !observed.Exists ? PlannedAction.Create
            : observed.Drift is not null ? PlannedAction.Change
            : await journal.HasAsync(context.Warehouse, Kind, Name, ct) ? PlannedAction.None
            : PlannedAction.Adopt;
        var detail = await DetailAsync(context, ct);
        return new PlannedResource(Kind, Name, action, observed.Drift is { } drift ? $"{detail}. To be changed: {drift}" : detail);
    }

    /// <summary>Creates it unless it is there, and sets right what has drifted. It is in the journal before it exists.</summary>
    public async Task EnsureAsync(ProvisioningContext context, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var observed = await LookAsync(context, ct);
        Refuse(observed, context);
        await journal.AddAsync(context.Warehouse, Kind, Name, ct);
        if (!observed.Exists)
        {
            await CreateOnceAsync(context, step, ct);
        }
        else if (observed.Drift is { } drift)
        {
            await ChangeAsync(context, step, ct);
            step.Log($"Changed the {Kind} {Name}: {drift}.");
        }
        else
        {
            step.Log($"The {Kind} {Name} is there already.");
        }
    }

    /// <summary>Removes it when it is there and ours, and writes into the journal what became of it.</summary>
    public async Task RemoveAsync(ProvisioningContext context, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var observed = await LookAsync(context, ct);
        if (!observed.Exists)
        {
            step.Log($"The {Kind} {Name} is gone already.");
        }
        else if (!observed.Ours)
        {
            step.Warn($"The {Kind} {Name} does not carry our tags: left alone.");
        }
        else
        {
            try
            {
                await DeleteAsync(context, step, ct);
            }
            catch (AwsException e) when (e.Fault == AwsFault.Missing)
            {
                // Gone between the look and the call, or by a first try whose answer was lost.
            }

            step.Log($"Removed the {Kind} {Name}.");
        }

        await journal.RemovedAsync(context.Warehouse, Kind, Name, leftAlone: observed is { Exists: true, Ours: false }, ct);
    }

    protected abstract Task CreateAsync(ProvisioningContext context, StepContext step, CancellationToken ct);

    protected abstract Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct);

    protected abstract Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct);

    private async Task CreateOnceAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        try
        {
            await CreateAsync(context, step, ct);
            step.Log($"Created the {Kind} {Name}.");
        }
        catch (AwsException e) when (e.Fault is AwsFault.Conflict or AwsFault.Unreachable or AwsFault.Transient)
        {
            // The answer to a create that took effect may have been lost, and its repetition refused as a duplicate: look who is there.
            var observed = await LookAsync(context, ct);
            Refuse(observed, context);
            if (!observed.Exists)
            {
                throw;
            }

            step.Log($"Created the {Kind} {Name}; its answer was lost on the way and it was found again by its tags.");
        }
    }

    private void Refuse(ObservedState observed, ProvisioningContext context)
    {
        if (observed is { Exists: true, Ours: false })
        {
            throw SparkifyException.Conflict($"The account {context.Me.Account} already has a {Kind} named '{Name}' that this Sparkify did not make. "
                + "It is left as it is: choose another warehouse name, or remove it by hand.");
        }
    }
}
