using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Lets one run at a time work on a warehouse, over all processes. A lock of a session: it is gone the moment its process is.</summary>
internal sealed class RunFence(IStore store)
{
    /// <summary>Waits for the fence of a warehouse; disposing what it gives opens it again.</summary>
    public async Task<IAsyncDisposable> HoldAsync(string warehouse, CancellationToken ct)
    {
        // Not from the pool: a pooled session keeps its locks until somebody uses it again.
        var database = new NpgsqlConnectionStringBuilder(store.Database.ConnectionString).Database!;
        var text = new NpgsqlConnectionStringBuilder(store.ConnectionString(database)) { Pooling = false, ApplicationName = "sparkify fence" };
        var fence = new NpgsqlConnection(text.ConnectionString);
        try
        {
            await fence.OpenAsync(ct);
            await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended($1, 42))", fence) { CommandTimeout = 0 };
            command.Parameters.Add(new() { Value = warehouse });
            await command.ExecuteNonQueryAsync(ct);
            return fence;
        }
        catch
        {
            await fence.DisposeAsync(); // the caller never gets it
            throw;
        }
    }
}
