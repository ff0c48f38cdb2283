using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>What statements for Redshift need.</summary>
internal static class RedshiftSql
{
    /// <summary>A text as a literal, for the statements that take no parameters.</summary>
    public static string Literal(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Whether a failure is error 1023: another transaction came between, and the same once more may well succeed.</summary>
    public static bool IsSerializationFailure(PostgresException e) =>
        e.SqlState == PostgresErrorCodes.SerializationFailure || e.MessageText.Contains("1023", StringComparison.Ordinal);
}
