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
internal sealed record Sight(bool Exists, bool Ours = true, string? Drift = null, string? Arn = null, string? Differs = null)
{
    public static Sight Nothing { get; } = new(Exists: false);
}

/// <summary>One thing a warehouse on Redshift owns. Looks before it acts, so everything can be repeated after any crash.</summary>
internal abstract class RedshiftResource(string kind, string name)
{
    public string Kind { get; } = kind;

    public string Name { get; } = name;

    /// <summary>Its settings, in words.</summary>
    public abstract Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct);

    public abstract Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct);

    /// <summary>Where people look at it in the AWS console; none for what has no page.</summary>
    public virtual string? ConsolePath(RedshiftScope scope, Sight sight) => null;

    /// <summary>Takes it as it is: its settings where they differ. None when there is nothing to take.</summary>
    public virtual Task<RedshiftSettings?> AsItIsAsync(RedshiftScope scope, CancellationToken ct) => Task.FromResult<RedshiftSettings?>(null);

    /// <summary>Puts this warehouse's tags on it, so that it is ours again.</summary>
    public virtual Task TagAsync(RedshiftScope scope, Sight sight, CancellationToken ct)
        => throw SparkifyException.Invalid($"A {Kind} carries no tags.");

    /// <summary>What provisioning would do; a sentence when something that is not ours is in the way.</summary>
    public async Task<PlannedResource> PlanAsync(RedshiftScope scope, IWarehouseJournal journal, CancellationToken ct)
    {
        var sight = await LookAsync(scope, ct);
        Refuse(sight, scope);
        var action = !sight.Exists ? PlannedAction.Create
            : sight.Drift is not null ? PlannedAction.Change
            : await journal.HasAsync(scope.Warehouse, Kind, Name, ct) ? PlannedAction.None
            : PlannedAction.Adopt;
        var detail = await DetailAsync(scope, ct);
        return new PlannedResource(Kind, Name, action, sight.Drift is { } drift ? $"{detail}. To be changed: {drift}" : detail);
    }

    /// <summary>Creates it unless it is there, and sets right what has drifted. It is in the journal before it exists.</summary>
    public async Task EnsureAsync(RedshiftScope scope, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var sight = await LookAsync(scope, ct);
        Refuse(sight, scope);
        await journal.AddAsync(scope.Warehouse, Kind, Name, ct);
        if (!sight.Exists)
        {
            await CreateOnceAsync(scope, step, ct);
        }
        else if (sight.Drift is { } drift)
        {
            await ChangeAsync(scope, step, ct);
            step.Log($"Changed the {Kind} {Name}: {drift}.");
        }
        else
        {
            step.Log($"The {Kind} {Name} is there already.");
        }
    }

    /// <summary>Removes it when it is there and ours, and writes into the journal that it is gone.</summary>
    public async Task RemoveAsync(RedshiftScope scope, IWarehouseJournal journal, StepContext step, CancellationToken ct)
    {
        var sight = await LookAsync(scope, ct);
        if (!sight.Exists)
        {
            step.Log($"The {Kind} {Name} is gone already.");
        }
        else if (!sight.Ours)
        {
            step.Warn($"The {Kind} {Name} does not carry our tags: left alone.");
        }
        else
        {
            try
            {
                await DeleteAsync(scope, step, ct);
            }
            catch (AwsException e) when (e.Fault == AwsFault.Missing)
            {
                // Gone between the look and the call, or by a first try whose answer was lost.
            }

            step.Log($"Removed the {Kind} {Name}.");
        }

        await journal.RemovedAsync(scope.Warehouse, Kind, Name, ct);
    }

    protected abstract Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct);

    protected abstract Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct);

    protected abstract Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct);

    private async Task CreateOnceAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        try
        {
            await CreateAsync(scope, step, ct);
            step.Log($"Created the {Kind} {Name}.");
        }
        catch (AwsException e) when (e.Fault is AwsFault.Conflict or AwsFault.Unreachable or AwsFault.Transient)
        {
            // The answer to a create that took effect may have been lost, and its repetition refused as a duplicate: look who is there.
            var sight = await LookAsync(scope, ct);
            Refuse(sight, scope);
            if (!sight.Exists)
            {
                throw;
            }

            step.Log($"Created the {Kind} {Name}; its answer was lost on the way and it was found again by its tags.");
        }
    }

    private void Refuse(Sight sight, RedshiftScope scope)
    {
        if (sight is { Exists: true, Ours: false })
        {
            throw SparkifyException.Conflict($"The account {scope.Me.Account} already has a {Kind} named '{Name}' that this Sparkify did not make. "
                + "It is left as it is: choose another warehouse name, or remove it by hand.");
        }
    }
}
