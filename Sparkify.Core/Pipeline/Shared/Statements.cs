using Dapper;
using Npgsql;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>How the statements of a load are sent.</summary>
internal static class Statements
{
    /// <summary>Runs a statement that may take long; cancelling ends it on the server.</summary>
    public static Task<int> RunAsync(this NpgsqlConnection db, string sql, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));
}
