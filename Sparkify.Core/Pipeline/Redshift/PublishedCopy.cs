using Npgsql;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// What is published on a cluster is a copy of the build, which stays: renamed before anything else is built there, it is the star of
/// before, for which nothing had to be copied.
/// </summary>
internal static class PublishedCopy
{
    /// <summary>Keeps the build, when it is what was published; to be called in a transaction.</summary>
    public static async Task KeepAsync(NpgsqlConnection db, WarehouseSchemas schemas, CancellationToken ct)
    {
        if (await db.HasTableAsync(schemas.Published, "load", ct) && await db.HasTableAsync(schemas.Build, "load", ct)
            && await LoadMark.FindAsync(db, schemas.Published, ct) is { } published
            && await LoadMark.HoldsAsync(db, schemas.Build, published, ct))
        {
            // It is kept already when a load that had published began anew.
            await db.RunAsync(
                await db.HasTableAsync(schemas.Kept(published), "load", ct)
                    ? $"drop schema {schemas.Build} cascade"
                    : $"alter schema {schemas.Build} rename to {schemas.Kept(published)}",
                ct);
            await db.RunAsync($"create schema {schemas.Build}", ct);
            if (await db.HasTableAsync(schemas.Published, WarehouseSchemas.Mark, ct))
            {
                // On a cluster somebody else made, it says whose the schema is.
                await db.RunAsync(
                    $"create table {schemas.Build}.{WarehouseSchemas.Mark} as select * from {schemas.Published}.{WarehouseSchemas.Mark}", ct);
            }
        }
    }
}
