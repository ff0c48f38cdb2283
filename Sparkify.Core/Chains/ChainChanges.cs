using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Chains;

/// <summary>Tells who looks at chains that one of them has changed, here or in another process on this store.</summary>
internal sealed class ChainChanges(IStore store) : IStoreListener
{
    /// <summary>The warehouses whose chains have.</summary>
    public Feed<string> Names { get; } = new();

    public Task HeardAsync(string topic, string what, CancellationToken ct)
    {
        if (topic == "chain")
        {
            Names.Publish(what);
        }

        return Task.CompletedTask;
    }

    public async Task CatchUpAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        foreach (var name in await db.QueryAsync<string>(new CommandDefinition(
            "select distinct warehouse from chains", cancellationToken: ct)))
        {
            Names.Publish(name);
        }
    }
}
