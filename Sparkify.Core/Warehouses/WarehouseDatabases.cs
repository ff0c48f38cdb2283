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
        if (warehouse is { Target: WarehouseTarget.Redshift, Endpoint: null })
        {
            throw SparkifyException.Conflict($"The cluster of the warehouse '{warehouse.Name}' does not answer yet: provision it first.");
        }

        var key = (warehouse.Name, warehouse.Endpoint, role);
        return _pools.GetOrAdd(key, k => new Lazy<NpgsqlDataSource>(() => warehouse.Endpoint is { } place
            ? new NpgsqlDataSourceBuilder(RedshiftConnection.Text(place, new LocalNames(k.Warehouse).Role(role), Password(k.Warehouse, role), role.ToString(), warehouse.Simulated)).Build()
            : BuildLocal(k.Warehouse, role))).Value;
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

    private NpgsqlDataSource BuildLocal(string warehouse, WarehouseRole role)
    {
        var names = new LocalNames(warehouse);
        var text = new NpgsqlConnectionStringBuilder(store.ConnectionString(names.Database, names.Role(role), Password(warehouse, role)))
        {
            ApplicationName = $"sparkify {role}",
            SearchPath = Schemas.Published,
            MaxPoolSize = 10,
            MinPoolSize = 0,
            ConnectionIdleLifetime = 60,
        };
        return new NpgsqlDataSourceBuilder(text.ConnectionString).Build();
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
