using Dapper;
using Npgsql;
using Sparkify.Core.Pipeline.Passing;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Builds one table of the star from the staging tables, in one transaction.</summary>
internal sealed class BuildStep(StarTable table, LoadSql sql, bool withPrevious) : ILoadStep
{
    public string Name => table.Name;

    public string Title => $"Build {table.Name}";

    public bool WithPrevious => withPrevious;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var qualified = $"{load.Build}.{table.Name}";
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await using (var transaction = await db.BeginTransactionAsync(ct))
        {
            await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
            foreach (var statement in await StatementsAsync(db, load, ct))
            {
                await db.RunAsync(statement, ct);
            }

            await transaction.CommitAsync(ct);
        }

        await db.RunAsync($"analyze {qualified}", ct);
        load.Step.Progress.AddRows(await db.ExecuteScalarAsync<long>(new CommandDefinition(
            $"select count(*) from {qualified}", commandTimeout: 0, cancellationToken: ct)));
    }

    private async Task<IReadOnlyList<string>> StatementsAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct) =>
        load.AddsRows ? LoadSql.Delta.Build(table, load.Build, load.Published)
        : sql.Build(
            table, load.Build, isGathered: table == LatestEvents.Builds && await db.HasTableAsync(load.Build, LatestEvents.Name, ct));
}
