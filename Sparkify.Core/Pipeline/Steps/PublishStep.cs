using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>
/// Puts the new star in the place of the old one, in one transaction. It first takes every old table from its readers: a statement or
/// transaction that has begun to read the old star ends on the old star, and one that comes later begins on the new.
/// </summary>
internal sealed class PublishStep(TimeProvider clock) : ILoadStep
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public string Name => "publish";

    public string Title => "Publish";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        if (await LoadTables.HoldsAsync(db, Schemas.Published, load.Step.Run, ct))
        {
            load.Step.Log("An earlier attempt had published already.");
            return;
        }

        await db.ExecuteAsync(new CommandDefinition(
            $"alter table {Schemas.Build}.load set logged; {LoadSql.Postgres.Load("references")}", cancellationToken: ct));
        var began = clock.GetTimestamp();
        while (!await TrySwapAsync(db, load.Warehouse, ct))
        {
            if (clock.GetElapsedTime(began) > Patience)
            {
                throw SparkifyException.Conflict(
                    $"Readers of the old star held its tables for {Patience.TotalMinutes:0} minutes, so the new one was not published. " +
                    "End the long transactions in the warehouse, then retry this run.");
            }

            load.Step.Progress.Message = "Waiting for readers of the old star to finish";
            // Between two attempts readers get through that queued behind the lock we asked for.
            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, ct);
        }

        load.Step.Progress.Message = "Readers see the new star";
        load.Step.Log("The new star was put in place of the old one in one transaction.");
    }

    private static async Task<bool> TrySwapAsync(NpgsqlConnection db, Warehouse warehouse, CancellationToken ct)
    {
        await using var transaction = await db.BeginTransactionAsync(ct);
        try
        {
            await ExecuteAsync("set local lock_timeout = '2s'");
            var old = (await db.QueryAsync<string>(new CommandDefinition(
                $"select format('%I.%I', '{Schemas.Published}', relname) from pg_class where relnamespace = to_regnamespace('{Schemas.Published}') and relkind = 'r' order by relname",
                transaction: transaction, cancellationToken: ct))).AsList();
            if (old.Count > 0)
            {
                await ExecuteAsync($"lock table {string.Join(", ", old)} in access exclusive mode");
            }

            await ExecuteAsync($"drop schema if exists {Schemas.Published} cascade");
            await ExecuteAsync($"alter schema {Schemas.Build} rename to {Schemas.Published}");
            await ExecuteAsync($"grant usage on schema {Schemas.Published} to \"{new LocalNames(warehouse.Name).Reporter}\"");
            await transaction.CommitAsync(ct);
            return true;
        }
        catch (PostgresException ex) when (ex.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            await transaction.RollbackAsync(ct);
            return false;
        }

        Task ExecuteAsync(string sql) => db.ExecuteAsync(new CommandDefinition(sql, transaction: transaction, cancellationToken: ct));
    }
}
