using Dapper;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>Builds one table of the star from the staging tables, in one transaction.</summary>
internal sealed class RedshiftBuildStep(StarTable table, bool withPrevious) : ILoadStep
{
    public string Name => table.Name;

    public string Title => $"Build {table.Name}";

    public bool WithPrevious => withPrevious;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var qualified = $"{Schemas.Build}.{table.Name}";
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await using (var transaction = await db.BeginTransactionAsync(ct))
        {
            await db.RunAsync($"delete from {qualified}", ct);
            foreach (var statement in LoadSql.Split(LoadSql.Redshift.Build(table, Schemas.Build)))
            {
                await db.RunAsync(statement, ct);
            }

            await transaction.CommitAsync(ct);
        }

        await db.RunAsync($"analyze {qualified}", ct);
        load.Step.Progress.AddRows(await db.ExecuteScalarAsync<long>(new CommandDefinition(
            $"select count(*) from {qualified}", commandTimeout: 0, cancellationToken: ct)));
    }
}
