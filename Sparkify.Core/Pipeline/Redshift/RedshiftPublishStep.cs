using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Puts the new rows in the place of the old ones across all tables in one transaction: a reader sees all of the old star or all of the
/// new one. Not TRUNCATE, which commits, and not a rename, in whose middle readers find no table (dbt-adapters#2162).
/// </summary>
internal sealed class RedshiftPublishStep(KeptStars kept, TimeProvider clock) : ILoadStep
{
    private const int MostTries = 6;

    public string Name => "publish";

    public string Title => "Publish";

    public bool Publishes => true;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        if (await LoadMark.HoldsAsync(db, load.Published, load.Star, ct))
        {
            load.Step.Log("An earlier attempt had published already.");
        }
        else
        {
            await LoadMark.EnsureHoldsAsync(db, load.From, load.Star, ct);
            await PublishAsync(db, load, ct);
        }

        // What was deleted takes room until Redshift's own vacuum; the statistics are wanted at once.
        foreach (var table in RedshiftTables.Names)
        {
            await db.RunAsync($"analyze {load.Published}.{table}", ct);
        }

        await kept.SettleAsync(db, load, ct);
        load.Step.Progress.Message = $"Readers see {load.StarName}";
    }

    private async Task PublishAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await SwapAsync(db, load, ct);
                load.Step.Log($"Put {load.StarName} in the place of the old one, in one transaction.");
                return;
            }
            catch (PostgresException e) when (RedshiftSql.IsSerializationFailure(e))
            {
                if (tries == MostTries)
                {
                    throw SparkifyException.Conflict(
                        $"Other transactions wrote to the star {MostTries} times while it was published, so the new one was not (Redshift's error 1023). " +
                        $"Find what else writes to the schema {load.Published}, end it, then retry this run.");
                }

                // Spread, so that two that met do not meet again.
                var pause = TimeSpan.FromMilliseconds(Math.Min(100 * (1 << tries), 10_000) * (0.5 + (Random.Shared.NextDouble() / 2)));
                load.Step.Warn($"Another transaction came between (error 1023); tried again in {pause.TotalSeconds:0.0} s.");
                load.Step.Progress.Message = "Waiting for another transaction on the star to end";
                await Task.Delay(pause, clock, ct);
            }
        }
    }

    private static async Task SwapAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        await using var transaction = await db.BeginTransactionAsync(ct);
        await PublishedCopy.KeepAsync(db, load.Warehouse.Schemas, ct);
        var (there, wanted) = (await OursAsync(db, load.Published, ct), await OursAsync(db, load.From, ct));
        if (there.Count > 0 && !there.SequenceEqual(wanted))
        {
            await DropAsync(db, load, ct);
            there = [];
        }

        if (there.Count == 0)
        {
            await CreateAsync(db, load.Published, load.Warehouse.OneLogin ? null : new LocalNames(load.Warehouse.Name).Reporter, ct);
            if (!(await OursAsync(db, load.Published, ct)).SequenceEqual(wanted))
            {
                throw SparkifyException.Conflict(
                    $"The star of load {load.Star} was built by another version of the application, whose tables are others, so it cannot be put back. Readers see what they saw before; load again instead.");
            }
        }

        foreach (var table in RedshiftTables.Names)
        {
            await db.RunAsync($"delete from {load.Published}.{table}", ct);
            await db.RunAsync($"insert into {load.Published}.{table} select * from {load.From}.{table}", ct);
        }

        await transaction.CommitAsync(ct);
    }

    private static async Task<IReadOnlyList<(string Table, string Column)>> OursAsync(
        NpgsqlConnection db, string schema, CancellationToken ct) =>
        [.. (await TableColumns.OfAsync(db, schema, ct)).Where(static c => RedshiftTables.Names.Contains(c.Table))];

    // Tables of another version, as a snapshot may bring them back, make room: rows of this one do not go into them.
    private static async Task DropAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        try
        {
            // What refers to others goes before them.
            foreach (var table in StarSchema.Tables.OrderByDescending(static t => t.References.Any()).Select(static t => t.Name)
                .Concat(RedshiftTables.Names).Distinct())
            {
                await db.RunAsync($"drop table if exists {load.Published}.{table}", ct);
            }
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw new SparkifyException(
                ProblemKind.Conflict, $"The tables in {load.Published} are of another version of the application and have to be made anew, and something of somebody else reads them ({(e.Detail ?? e.MessageText).ReplaceLineEndings(" ")}). Have it dropped, then retry this run.", e);
        }

        load.Step.Log($"The tables in {load.Published} and those of {load.StarName} are not of one version; they are made anew as they are now.");
    }

    private static async Task CreateAsync(NpgsqlConnection db, string schema, string? reporter, CancellationToken ct)
    {
        foreach (var create in RedshiftTables.Ddl(schema))
        {
            await db.RunAsync(create, ct);
        }

        foreach (var constraint in RedshiftDdl.Constraints(schema))
        {
            await db.RunAsync(constraint, ct);
        }

        if (reporter is null)
        {
            return;
        }

        await db.RunAsync($"grant usage on schema {schema} to {reporter}", ct);
        foreach (var table in RedshiftTables.Names)
        {
            await db.RunAsync($"grant select on {schema}.{table} to {reporter}", ct);
        }
    }
}
