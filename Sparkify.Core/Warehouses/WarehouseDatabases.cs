using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>Connections to local warehouses, one pool per warehouse and role.</summary>
internal sealed class WarehouseDatabases(IStore store, IOptions<SparkifyOptions> options) : IWarehouseDatabases, IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Warehouse, WarehouseRole Role), Lazy<NpgsqlDataSource>> _pools = new();
    private readonly Lazy<byte[]> _key = new(() => ReadKey(options.Value.DataDirectory));

    public NpgsqlDataSource Open(Warehouse warehouse, WarehouseRole role) => warehouse.Target == WarehouseTarget.Local
        ? _pools.GetOrAdd((warehouse.Name, role), key => new Lazy<NpgsqlDataSource>(() => Build(key.Warehouse, key.Role))).Value
        : throw SparkifyException.Invalid($"The warehouse '{warehouse.Name}' is not local.");

    public string Password(string warehouse, WarehouseRole role) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(new LocalNames(warehouse).Role(role))))[..40];

    public async Task CloseAsync(string warehouse)
    {
        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            if (_pools.TryRemove((warehouse, role), out var pool) && pool.IsValueCreated)
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

    private NpgsqlDataSource Build(string warehouse, WarehouseRole role)
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
