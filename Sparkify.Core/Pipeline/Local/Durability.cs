using Dapper;
using Sparkify.Core.Pipeline.Shared;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>Makes a build outlive a crash of the server: its staging tables are unlogged while they are filled.</summary>
internal static class Durability
{
    /// <summary>Has the staging tables logged. The checks read the star first, so both go on at once.</summary>
    public static async Task MakeAsync(LoadContext load, CancellationToken ct)
    {
        var build = load.Build;
        await using var db = await load.Database.OpenConnectionAsync(ct);
        var unlogged = await db.QueryAsync<string>(new CommandDefinition(
            """
            select relname from pg_class
            where  relnamespace = @build::regnamespace and relkind = 'r' and relpersistence = 'u' and relname like 'staging%'
            """,
            new { build }, cancellationToken: ct));
        foreach (var table in unlogged)
        {
            await db.RunAsync($"alter table {build}.\"{table}\" set logged", ct);
        }
    }
}
