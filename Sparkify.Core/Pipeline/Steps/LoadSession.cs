using Dapper;
using Npgsql;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>
/// A transaction for the few large statements of a load. They run one at a time, so each may use memory and every core: handing rows
/// from one process to another is cheap beside what is computed for each, which the planner's default prices do not know.
/// </summary>
internal static class LoadSession
{
    /// <summary>Begins it.</summary>
    public static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection db, CancellationToken ct)
    {
        var transaction = await db.BeginTransactionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            set local work_mem = '128MB'; set local maintenance_work_mem = '256MB'; set local hash_mem_multiplier = 2;
            set local parallel_setup_cost = 100; set local parallel_tuple_cost = 0.001; set local min_parallel_table_scan_size = '1MB'
            """,
            transaction: transaction, cancellationToken: ct));
        return transaction;
    }
}
