using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>Has warehouses reached through other AWS connections, once these were tried.</summary>
internal sealed class WarehouseMoves(IStore store, ISources sources, IAws aws)
{
    private const string Owns = "exists (select 1 from resources where warehouse = @warehouse and removed_at is null)";

    /// <summary>
    /// Moves a warehouse, cluster and source alike. Trying takes seconds, so what was decided on is looked at again when it is written.
    /// </summary>
    /// <param name="warehouse">The warehouse as it is.</param>
    /// <param name="kept">The text of its settings and its source, as the store has them.</param>
    /// <param name="connection">The connection; none for this machine's own credentials.</param>
    /// <param name="ct">Cancels.</param>
    public async Task MoveAsync(Warehouse warehouse, (string? Redshift, string Source) kept, string? connection, CancellationToken ct)
    {
        var wanted = NewWarehouse.Of(warehouse).Through(connection);
        wanted.CheckedSettings();
        var (owns, made) = await AccountAsync(warehouse.Name, ct);
        string? account = null;
        if (connection != warehouse.Connection)
        {
            account = owns && wanted.Redshift is { } settings ? await RefuseElsewhereAsync(warehouse, settings, made, ct) : null;
            if (await sources.TestAsync(wanted.Source, ct) is { Good: false } report)
            {
                // Or it would only be found out by the next load.
                throw SparkifyException.Invalid($"With {Named(connection)} the source cannot be read. {string.Join(" ", report.Problems)}");
            }
        }

        var values = new
        {
            warehouse = warehouse.Name,
            connection,
            redshift = wanted.Redshift is null ? null : JsonSerializer.Serialize(wanted.Redshift),
            source = JsonSerializer.Serialize(wanted.Source),
            oldRedshift = kept.Redshift,
            oldSource = kept.Source,
            owns,
            made,
            account,
        };
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        // No run is queued from here to the commit, since its row refers to this one: it begins with what is written here.
        await db.ExecuteAsync(new CommandDefinition(
            "select 1 from warehouses where name = @warehouse for update", values, transaction, cancellationToken: ct));
        var moved = await WithConnectionAsync(connection, () => db.ExecuteAsync(new CommandDefinition(
            $"""
            update warehouses set redshift = @redshift::json, source = @source::json
            where  name = @warehouse and redshift::text is not distinct from @oldRedshift and source::text = @oldSource
              and  not exists ({RunQueries.ActiveOfWarehouse})
              and  {Owns} = @owns and account is not distinct from @made
              and  (@connection::text is null or @account::text is null
                    or exists (select 1 from aws_connections where name = @connection and account = @account))
            """, values, transaction, cancellationToken: ct)));
        if (moved == 0)
        {
            throw await RefusalAsync(db, transaction, warehouse.Name, ct);
        }

        await transaction.CommitAsync(ct);
    }

    /// <summary>How a connection is called in a sentence.</summary>
    public static string Named(string? connection) =>
        connection is null ? "this machine's own credentials" : $"the connection '{connection}'";

    /// <summary>
    /// Writes what names a connection. The server itself sees to it that there is such a one, also when it is deleted just now.
    /// </summary>
    public static async Task<T> WithConnectionAsync<T>(string? connection, Func<Task<T>> write)
    {
        try
        {
            return await write();
        }
        catch (PostgresException ex) when (ex is
        { SqlState: PostgresErrorCodes.ForeignKeyViolation, ConstraintName: "warehouses_connection_fkey" })
        {
            throw NoConnection(connection, ex);
        }
    }

    // What a cluster owns was made in one account: another login has to lead into the same one, or it would be lost from sight. Gives it.
    private async Task<string> RefuseElsewhereAsync(Warehouse warehouse, RedshiftSettings wanted, string? made, CancellationToken ct)
    {
        var own = made ?? await AccountAsync(warehouse.Redshift!, ct);
        var other = await AccountAsync(wanted, ct);
        return own == other ? own : throw SparkifyException.Conflict(
            $"The warehouse '{warehouse.Name}' owns resources in the account {own}, and {Named(wanted.Connection)} would lead into the account {other}, where they are not. Tear it down first to move it.");
    }

    private async Task<(bool Owns, string? Made)> AccountAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<(bool, string?)>(new CommandDefinition(
            $"select {Owns}, account from warehouses where name = @warehouse", new { warehouse }, cancellationToken: ct));
    }

    // Of a connection as it was tested last, so that one whose key is lost can be left; of this machine's own credentials as it is.
    private async Task<string> AccountAsync(RedshiftSettings settings, CancellationToken ct)
    {
        if (settings.Connection is null)
        {
            return (await (await aws.ForAsync(settings.Place, ct)).Sts.WhoAmIAsync(ct)).Account;
        }

        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            "select account from aws_connections where name = @Connection", new { settings.Connection }, cancellationToken: ct))
            ?? throw NoConnection(settings.Connection, inner: null);
    }

    private static async Task<SparkifyException> RefusalAsync(
        NpgsqlConnection db, NpgsqlTransaction transaction, string warehouse, CancellationToken ct) =>
        await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"select exists ({RunQueries.ActiveOfWarehouse})", new { warehouse }, transaction, cancellationToken: ct))
            ? SparkifyException.Conflict(
                $"A run of the warehouse '{warehouse}' is active and uses the connection it has. Change it once the run has ended, or cancel the run.")
            : SparkifyException.Conflict(
                $"The warehouse '{warehouse}' or the connection was changed meanwhile. Look at it again, then ask again.");

    private static SparkifyException NoConnection(string? connection, Exception? inner) => SparkifyException.Invalid(
        $"There is no AWS connection named '{connection}'. An administrator can make it under Settings, AWS.", inner);
}
