using Dapper;
using Npgsql;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>The tables of a load on Redshift.</summary>
internal static class RedshiftTables
{
    /// <summary>All of them: what readers see, and the load's own two.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. StarSchema.Tables.Select(static t => t.Name), "load", "load_counts"];

    /// <summary>Makes those that a schema does not have, a statement each.</summary>
    public static IEnumerable<string> Ddl(string schema) =>
        RedshiftDdl.Tables(schema).Concat(LoadSql.Redshift.Statements("load_tables", schema));

    /// <summary>The mark of the build of a run, or none when a schema does not hold what that run built.</summary>
    public static async Task<string?> BuildOfAsync(NpgsqlConnection db, string schema, long run, CancellationToken ct)
    {
        try
        {
            return await db.ExecuteScalarAsync<string?>(new CommandDefinition(
                $"select build from {schema}.load where run = @run", new { run }, cancellationToken: ct));
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    /// <summary>Gives the build another mark: nothing that was done for it so far is taken up again.</summary>
    public static Task RenewAsync(NpgsqlConnection db, string schema, CancellationToken ct) =>
        db.RunAsync($"update {schema}.load set build = '{Guid.NewGuid():N}'", ct);
}
