using Dapper;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>Builds one table of the star from the staging tables, with one script in one transaction.</summary>
internal sealed class BuildStep(StarTable table, bool withPrevious) : ILoadStep
{
    public string Name => table.Name;

    public string Title => $"Build {table.Name}";

    public bool WithPrevious => withPrevious;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var qualified = $"{Schemas.Build}.{table.Name}";
        await using var db = await load.Database.OpenConnectionAsync(ct);
        // A table that is created in the transaction that fills it needs no write-ahead log on the embedded server.
        await using var transaction = await LoadSession.BeginAsync(db, ct);
        await LoadTables.EnsureHoldsAsync(db, load.Step.Run, ct);
        await ExecuteAsync($"drop table if exists {qualified} cascade");
        await ExecuteAsync(LoadSql.Postgres.Build(table, Schemas.Build));
        await ExecuteAsync($"analyze {qualified}");
        var rows = await db.ExecuteScalarAsync<long>(new CommandDefinition(
            $"select count(*) from {qualified}", transaction: transaction, commandTimeout: 0, cancellationToken: ct));
        await transaction.CommitAsync(ct);
        load.Step.Progress.AddRows(rows);

        Task ExecuteAsync(string sql) => db.ExecuteAsync(new CommandDefinition(sql, transaction: transaction, commandTimeout: 0, cancellationToken: ct));
    }
}
