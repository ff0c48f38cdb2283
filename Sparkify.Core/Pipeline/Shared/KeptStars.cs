using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>The stars of before, in a schema each beside the published one.</summary>
internal sealed class KeptStars(StarVersions versions, IOptions<LoadOptions> options)
{
    /// <summary>After a star was published: writes down which ones of before there are, and drops those that are too many.</summary>
    public async Task SettleAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        var schemas = load.Warehouse.Schemas;
        var found = (await db.QueryAsync<string>(new CommandDefinition("select nspname from pg_namespace", cancellationToken: ct)))
            .Select(schemas.KeptRun).OfType<long>().Where(run => run != load.Star).ToList();
        var beyond = await versions.FoundAsync(load.Warehouse.Name, load.Star, found, options.Value.KeptStars, ct);
        foreach (var run in beyond)
        {
            await db.RunAsync($"drop schema if exists {schemas.Kept(run)} cascade", ct);
            await versions.DroppedAsync(load.Warehouse.Name, run, ct);
        }

        if (found.Except(beyond).ToList() is { Count: > 0 } kept)
        {
            load.Step.Log(
                $"Kept, and can be put back: the star of {string.Join(", ", kept.Order().Select(static run => $"load {run}"))}.");
        }
    }
}
