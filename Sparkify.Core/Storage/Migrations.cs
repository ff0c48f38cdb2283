using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage;

/// <summary>
/// Brings the store's schema forward: each script once, in order, each in a transaction of its own. There is no way back.
/// </summary>
internal static class Migrations
{
    // Any number will do, as long as it stays: it keeps two starting applications from migrating at once.
    internal const long Lock = 7_305_011_946;

    public static async Task ApplyAsync(NpgsqlDataSource database, IEnumerable<IStoreSchema> others, ILogger logger, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_lock(@Lock)", new { Lock }, cancellationToken: ct));
        await connection.ExecuteAsync(new CommandDefinition(
            "create table if not exists schema_version (script text primary key, applied_at timestamptz not null default now())",
            cancellationToken: ct));
        var applied = (await connection.QueryAsync<string>(
            new CommandDefinition("select script from schema_version", cancellationToken: ct))).ToHashSet();
        var scripts = SqlText.List("Storage.Sql");
        if (applied.Except(scripts).Order(StringComparer.Ordinal).LastOrDefault() is { } newer)
        {
            throw SparkifyException.Unavailable(
                $"The database was migrated by a newer Sparkify (it has {newer}, which this version does not know). Start that version or a later one.");
        }

        foreach (var script in scripts.Where(s => !applied.Contains(s)))
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await connection.ExecuteAsync(new CommandDefinition(SqlText.Load(script), transaction: transaction, cancellationToken: ct));
            await connection.ExecuteAsync(new CommandDefinition(
                "insert into schema_version (script) values (@script)", new { script }, transaction, cancellationToken: ct));
            await transaction.CommitAsync(ct);
            StorageLog.Migrated(logger, script);
        }

        foreach (var other in others)
        {
            other.Install(connection);
        }

        await connection.ExecuteAsync(new CommandDefinition("select pg_advisory_unlock(@Lock)", new { Lock }, cancellationToken: ct));
    }
}
