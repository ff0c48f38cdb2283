using Dapper;
using Npgsql;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>How the statements of a load are sent.</summary>
internal static class Statements
{
    /// <summary>Whether a schema has a table; asked as every target takes it.</summary>
    public static async Task<bool> HasTableAsync(this NpgsqlConnection db, string schema, string table, CancellationToken ct) =>
        await db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = @schema and c.relname = @table",
            new { schema, table }, cancellationToken: ct)) > 0;

    /// <summary>Runs a statement that may take long; cancelling ends it on the server.</summary>
    public static Task<int> RunAsync(this NpgsqlConnection db, string sql, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));
}
