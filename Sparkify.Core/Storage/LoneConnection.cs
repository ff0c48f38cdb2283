using System.Collections.Concurrent;
using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>
/// A connection that no pool keeps: what is done to its session ends with it, and a login that fails leaves nothing behind.
/// </summary>
internal static class LoneConnection
{
    // One for each way to connect, as the driver keeps them itself, but with a name: it would call them by their whole text.
    private static readonly ConcurrentDictionary<string, NpgsqlDataSource> Sources = new(StringComparer.Ordinal);

    /// <summary>Opens one. What Npgsql and the way to the server throw comes through.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken ct) =>
        await Sources.GetOrAdd(connectionString, Build).OpenConnectionAsync(ct);

    /// <summary>
    /// Opens one by a login that somebody tries, or that ends by itself: the way to connect, with its password, is not kept.
    /// </summary>
    public static async Task<NpgsqlConnection> OpenOnceAsync(string connectionString, CancellationToken ct)
    {
        await using var source = Build(connectionString);
        return await source.OpenConnectionAsync(ct);
    }

    private static NpgsqlDataSource Build(string text)
    {
        var settings = new NpgsqlConnectionStringBuilder(text) { Pooling = false };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = settings.ApplicationName ?? "sparkify" }.Build();
    }
}
