using Dapper;
using Npgsql;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>
/// The mark that tells whose build a schema holds: the one row of its table <c>load</c>, which every load of every target makes.
/// </summary>
internal static class LoadMark
{
    /// <summary>The run that built what a schema holds; none when nothing was ever built there, or when somebody dropped it.</summary>
    public static async Task<long?> FindAsync(NpgsqlConnection db, string schema, CancellationToken ct)
    {
        try
        {
            return await db.ExecuteScalarAsync<long?>(new CommandDefinition($"select max(run) from {schema}.load", cancellationToken: ct));
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    /// <summary>Whether a schema holds what a run built.</summary>
    public static async Task<bool> HoldsAsync(NpgsqlConnection db, string schema, long run, CancellationToken ct) =>
        await FindAsync(db, schema, ct) == run;

    /// <summary>
    /// Makes sure that the build is this run's. Asked on the session that does the work.
    /// </summary>
    public static async Task EnsureHoldsAsync(NpgsqlConnection db, string build, long run, CancellationToken ct)
    {
        if (!await HoldsAsync(db, build, run, ct))
        {
            throw new GroundLostException(
                "What this load had built is not there any more: somebody dropped it.");
        }
    }
}
