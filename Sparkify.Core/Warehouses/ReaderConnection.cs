using Npgsql;

namespace Sparkify.Core.Warehouses;

/// <summary>A connection that reads a published star; disposing it lets the next reader in.</summary>
internal sealed class ReaderConnection(NpgsqlConnection connection, SemaphoreSlim? places) : IAsyncDisposable
{
    /// <summary>The connection.</summary>
    public NpgsqlConnection Connection { get; } = connection;

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        places?.Release();
    }
}
