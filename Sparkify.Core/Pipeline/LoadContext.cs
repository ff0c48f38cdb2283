using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>What every step of a load has at hand.</summary>
/// <param name="Warehouse">The warehouse.</param>
/// <param name="Database">Connections as its loader.</param>
/// <param name="Step">The run's context.</param>
internal sealed record LoadContext(Warehouse Warehouse, NpgsqlDataSource Database, StepContext Step)
{
    /// <summary>What it adds, and to which star; none when it reads the whole source.</summary>
    public RunAddition? Addition { get; init; }

    /// <summary>
    /// Whether it builds only the rows that are added to the star readers see. A cluster, which is asked for new records alone, builds its
    /// star anew from the records it has.
    /// </summary>
    public bool AddsRows => Addition is not null && Warehouse.Target == WarehouseTarget.Local;

    /// <summary>The schema it builds in.</summary>
    public string Build => Warehouse.Schemas.Build;

    /// <summary>The load whose star a snapshot brought back; none unless that is what it is about.</summary>
    public long? Restored { get; init; }

    /// <summary>The load whose star it publishes: the run itself, or the one whose star is put back.</summary>
    public long Star => Restored ?? Step.Star ?? Step.Run;

    /// <summary>What that star is called inside a sentence.</summary>
    public string StarName => Step.Star is { } star ? $"the star of load {star}" : "the new star";

    /// <summary>The schema that star is published from.</summary>
    public string From => Step.Star is { } star ? Warehouse.Schemas.Kept(star) : Build;

    /// <summary>The schema readers see.</summary>
    public string Published => Warehouse.Schemas.Published;
}

/// <summary>One step of a load.</summary>
internal interface ILoadStep
{
    /// <summary>Its name in the ledger and the API.</summary>
    string Name { get; }

    /// <summary>Its name for people.</summary>
    string Title { get; }

    /// <summary>Whether it runs at the same time as the step before it.</summary>
    bool WithPrevious => false;

    /// <summary>Whether readers see what it does: before it a person decides about a star that is hard to believe.</summary>
    bool Publishes => false;

    /// <summary>How many connections it opens at once on the store's server, when the warehouse is there.</summary>
    int Connections => 1;

    /// <summary>Does it; removes first what an earlier attempt left.</summary>
    Task RunAsync(LoadContext load, CancellationToken ct);
}
