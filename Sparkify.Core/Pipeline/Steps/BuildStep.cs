using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>Builds one table of the star from the staging tables, with one script in one transaction.</summary>
internal sealed class BuildStep(string table, string title) : ILoadStep
{
    public string Name => table;

    public string Title => title;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var qualified = $"{Schemas.Build}.{table}";
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        // Large sorts and hashes of one statement at a time may use memory; what a table created in this transaction is filled
        // with needs no write-ahead log on the embedded server.
        await ExecuteAsync("set local work_mem = '256MB'; set local maintenance_work_mem = '256MB'; set local hash_mem_multiplier = 2");
        await ExecuteAsync($"drop table if exists {qualified} cascade");
        await ExecuteAsync(SqlText.Load($"Pipeline.Sql.Postgres.{table}.sql"));
        await ExecuteAsync($"analyze {qualified}");
        await transaction.CommitAsync(ct);
        load.Step.Progress.AddRows(await db.ExecuteScalarAsync<long>(new CommandDefinition(
            $"select count(*) from {qualified}", commandTimeout: 0, cancellationToken: ct)));

        Task ExecuteAsync(string sql) => db.ExecuteAsync(new CommandDefinition(sql, transaction: transaction, commandTimeout: 0, cancellationToken: ct));
    }
}
