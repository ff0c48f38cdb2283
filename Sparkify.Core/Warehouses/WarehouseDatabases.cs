using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>Connections to warehouses, one pool per warehouse, place and role.</summary>
internal sealed class WarehouseDatabases(IStore store, IOptions<SparkifyOptions> options) : IWarehouseDatabases, IAsyncDisposable
{
    // The place is part of the key: a cluster that was taken down and made again answers somewhere else.
    private readonly ConcurrentDictionary<(string Warehouse, WarehouseEndpoint? Place, WarehouseRole Role), Lazy<NpgsqlDataSource>> _pools = new();
    private readonly Lazy<byte[]> _key = new(() => ReadKey(options.Value.DataDirectory));

    public NpgsqlDataSource Open(Warehouse warehouse, WarehouseRole role)
    {
        var key = (warehouse.Name, warehouse.Endpoint, role);
        var text = Text(warehouse, role);
        return _pools.GetOrAdd(key, _ => new Lazy<NpgsqlDataSource>(() => new NpgsqlDataSourceBuilder(text).Build())).Value;
    }

    public async Task<NpgsqlConnection> OpenAloneAsync(Warehouse warehouse, WarehouseRole role, CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Text(warehouse, role)) { Pooling = false }.ConnectionString);
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

    public string Password(string warehouse, WarehouseRole role) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(new LocalNames(warehouse).Role(role))))[..40];

    public async Task CloseAsync(string warehouse)
    {
        foreach (var key in _pools.Keys.Where(k => k.Warehouse == warehouse))
        {
            if (_pools.TryRemove(key, out var pool) && pool.IsValueCreated)
            {
                await pool.Value.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools.Values.Where(p => p.IsValueCreated))
        {
            await pool.Value.DisposeAsync();
        }
    }

    private string Text(Warehouse warehouse, WarehouseRole role)
    {
        var names = new LocalNames(warehouse.Name);
        return warehouse switch
        {
            { Endpoint: { } place } => RedshiftConnection.Text(place, names.Role(role), Password(warehouse.Name, role), role.ToString(), warehouse.Simulated),
            { Target: WarehouseTarget.Redshift } => throw SparkifyException.Conflict(
                $"The cluster of the warehouse '{warehouse.Name}' does not answer yet: provision it first."),
            _ => new NpgsqlConnectionStringBuilder(store.ConnectionString(names.Database, names.Role(role), Password(warehouse.Name, role)))
            {
                ApplicationName = $"sparkify {role}",
                SearchPath = Schemas.Published,
                MaxPoolSize = 10,
                MinPoolSize = 0,
                ConnectionIdleLifetime = 60,
            }.ConnectionString,
        };
    }

    // Passwords of roles are computed from one key beside the data, so that no list of them has to be kept anywhere.
    private static byte[] ReadKey(string dataDirectory)
    {
        var folder = Path.Combine(dataDirectory, "keys");
        var file = Path.Combine(folder, "warehouses.key");
        Directory.CreateDirectory(folder);
        if (!File.Exists(file))
        {
            SecretFile.Create(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        }

        return Convert.FromHexString(File.ReadAllText(file).Trim());
    }
}
