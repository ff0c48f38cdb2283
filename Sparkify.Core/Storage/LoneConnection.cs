using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>
/// A connection that no pool keeps: what is done to its session ends with it, and a login that fails leaves nothing behind.
/// </summary>
internal static class LoneConnection
{
    /// <summary>Opens one. What Npgsql and the way to the server throw comes through.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync(); // the caller never gets it
            throw;
        }
    }
}
