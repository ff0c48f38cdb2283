using Dapper;
using Npgsql;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>How statements are sent to Redshift: one at a time, and long ones for as long as they take.</summary>
internal static class RedshiftSql
{
    /// <summary>Runs a statement that may take long; cancelling ends it on the server.</summary>
    public static Task<int> RunAsync(this NpgsqlConnection db, string sql, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));

    /// <summary>A text as a literal, for the statements that take no parameters.</summary>
    public static string Literal(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Whether a failure is error 1023: another transaction came between, and the same once more may well succeed.</summary>
    public static bool IsSerializationFailure(PostgresException e) =>
        e.SqlState == PostgresErrorCodes.SerializationFailure || e.MessageText.Contains("1023", StringComparison.Ordinal);
}
