using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Fakes;

/// <summary>Tables that fail as nobody expected.</summary>
internal sealed class BrokenTables : ITables
{
    public string Facts => throw new InvalidOperationException("a wheel came off");

    public Task<IReadOnlyList<TableInfo>> ListAsync(string warehouse, CancellationToken ct) =>
        throw new InvalidOperationException("a wheel came off");

    public Task<PlayCounts?> PlaysAsync(string warehouse, CancellationToken ct) =>
        throw new InvalidOperationException("a wheel came off");
}
