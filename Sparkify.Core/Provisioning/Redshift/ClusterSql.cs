using Dapper;
using Npgsql;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What statements that provision a cluster need.</summary>
internal static class ClusterSql
{
    /// <summary>A name in a statement.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Sends one statement, which may wait for its turn; cancelling ends it.</summary>
    public static Task SendAsync(this NpgsqlConnection db, string sql, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));
}
