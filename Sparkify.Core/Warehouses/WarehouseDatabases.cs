using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>Connections to warehouses, one pool per warehouse, place and role.</summary>
internal sealed class WarehouseDatabases(IStore store, IWarehouseJournal journal, WarehouseKeys keys, ClusterLogins logins)
    : IWarehouseDatabases, IAsyncDisposable
{
    // The place is part of the key: a cluster that was taken down and made again answers somewhere else.
    private readonly ConcurrentDictionary<PoolKey, Lazy<NpgsqlDataSource>> _pools = new();
    // The few large statements of a load run one or two at a time, so each may use memory and every core: handing rows from one process to
    // another is cheap beside what is computed for each, which the planner's default prices do not know.
    private const string LoaderSettings =
        "-c work_mem=128MB -c maintenance_work_mem=256MB -c hash_mem_multiplier=2 " +
        "-c parallel_setup_cost=100 -c parallel_tuple_cost=0.001 -c min_parallel_table_scan_size=1MB";

    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(15);
    private readonly SemaphoreSlim _readers = new(ConnectionBudget.Readers, ConnectionBudget.Readers);
    private readonly LinkedList<NpgsqlDataSource> _warm = [];

    public NpgsqlDataSource Open(Warehouse warehouse, WarehouseRole role)
    {
        var text = Text(warehouse, role);
        return warehouse.OneLogin ? OfOneLogin(warehouse, role, text, lone: false)
            : _pools.GetOrAdd(Key(warehouse, role), _ => new Lazy<NpgsqlDataSource>(
                () => new NpgsqlDataSourceBuilder(text) { Name = $"sparkify {role} {warehouse.Name}" }.Build())).Value;
    }

    public async Task<ReaderConnection> ReadAsync(Warehouse warehouse, CancellationToken ct)
    {
        var here = warehouse.Target == WarehouseTarget.Local;
        if (here && !await _readers.WaitAsync(ReaderPatience, ct))
        {
            throw SparkifyException.Unavailable(
                $"All {ConnectionBudget.Readers} connections for reports and table profiles have been in use for {ReaderPatience.TotalSeconds:0} s. Try again in a moment.");
        }

        try
        {
            var connection = await WithPasswordsAsync(
                warehouse,
                current =>
                {
                    var pool = Open(current, WarehouseRole.Reporter);
                    if (here)
                    {
                        KeepWarm(pool);
                    }

                    return pool.OpenConnectionAsync(ct).AsTask();
                },
                ct);
            return new ReaderConnection(connection, here ? _readers : null);
        }
        catch
        {
            if (here)
            {
                _readers.Release();
            }

            throw;
        }
    }

    public Task<NpgsqlConnection> OpenAloneAsync(Warehouse warehouse, WarehouseRole role, CancellationToken ct) =>
        WithPasswordsAsync(
            warehouse,
            current => current.OneLogin
                ? OfOneLogin(current, role, Text(current, role), lone: true).OpenConnectionAsync(ct).AsTask()
                : LoneConnection.OpenAsync(Text(current, role), ct),
            ct);

    public string Password(string warehouse, WarehouseRole role, RolePasswords which = default)
    {
        var name = new LocalNames(warehouse).Role(role);
        var what = which.Number == 0 ? name : $"{name}/{which.Number}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(keys.Find(which.Key), Encoding.UTF8.GetBytes(what)))[..40];
    }

    public RolePasswords Newest(int number) => new(number, keys.Newest);

    public async Task CloseAsync(string warehouse)
    {
        foreach (var key in _pools.Keys.Where(k => k.Warehouse == warehouse))
        {
            if (_pools.TryRemove(key, out var pool) && pool.IsValueCreated)
            {
                lock (_warm)
                {
                    _warm.Remove(pool.Value);
                }

                await pool.Value.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        foreach (var pool in _pools.Values.Where(p => p.IsValueCreated))
        {
            await pool.Value.DisposeAsync();
        }
    }

    // The roles may have been given new passwords since the warehouse was read, and one that AWS gave out may have ended.
    private async Task<NpgsqlConnection> WithPasswordsAsync(
        Warehouse warehouse, Func<Warehouse, Task<NpgsqlConnection>> openAsync, CancellationToken ct)
    {
        try
        {
            return await openAsync(warehouse);
        }
        catch (NpgsqlException ex) when (ex.InnerException is SparkifyException why)
        {
            throw new SparkifyException(why.Kind, why.Message, ex); // there was no password to be had, and it says why
        }
        catch (PostgresException ex) when (WarehouseFaults.IsRefusedLogin(ex))
        {
            var temporary = warehouse is { OneLogin: true, Existing.Login: ClusterLoginKind.Iam };
            if (temporary)
            {
                logins.Forget(warehouse.Redshift!);
            }

            var now = warehouse with
            {
                Passwords = await journal.PasswordsAsync(warehouse.Name, ct),
                Login = warehouse.Existing is null ? warehouse.Login : await journal.LoginAsync(warehouse.Name, ct),
            };
            if (now == warehouse && !temporary)
            {
                throw;
            }

            return await openAsync(now);
        }
    }

    // Its password is asked for with each new connection: it may have been replaced, or end by itself.
    private NpgsqlDataSource OfOneLogin(Warehouse warehouse, WarehouseRole role, string text, bool lone)
    {
        var key = Key(warehouse, role) with { Login = warehouse.Login, As = warehouse.Redshift, Lone = lone };
        return _pools.GetOrAdd(key, _ => new Lazy<NpgsqlDataSource>(() =>
        {
            var settings = new NpgsqlConnectionStringBuilder(text) { Pooling = !lone };
            var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = $"sparkify {role} {warehouse.Name}" };
            return builder.UsePasswordProvider(
                static _ => throw new NotSupportedException("Connections are opened asynchronously."),
                async (_, ct) => (await logins.OfAsync(warehouse.Name, warehouse.Redshift!, warehouse.Login, ct)).Password).Build();
        })).Value;
    }

    private string Text(Warehouse warehouse, WarehouseRole role)
    {
        var names = new LocalNames(warehouse.Name);
        var password = Password(warehouse.Name, role, warehouse.Passwords);
        return warehouse switch
        {
            { Endpoint: { } place, OneLogin: true, Existing: { } cluster } =>
                RedshiftConnection.Text(place, ClusterLogins.NameOf(cluster), password: null, role.ToString(), warehouse.Simulated),
            { Endpoint: { } place } =>
                RedshiftConnection.Text(place, names.Role(role), password, role.ToString(), warehouse.Simulated),
            { Target: WarehouseTarget.Redshift } => throw SparkifyException.Conflict(
                $"The cluster of the warehouse '{warehouse.Name}' does not answer yet: provision it first."),
            _ => new NpgsqlConnectionStringBuilder(store.ConnectionString(names.Database, names.Role(role), password))
            {
                ApplicationName = $"sparkify {role}",
                SearchPath = warehouse.Schemas.Published,
                Options = role == WarehouseRole.Loader ? LoaderSettings : null,
                // A load's connections are its own and end with their step. Readers come again and again.
                Pooling = role == WarehouseRole.Reporter,
                MaxPoolSize = ConnectionBudget.Readers,
                ConnectionIdleLifetime = 60,
            }.ConnectionString,
        };
    }

    private static PoolKey Key(Warehouse warehouse, WarehouseRole role) =>
        new(warehouse.Name, warehouse.Endpoint, role, warehouse.Passwords);

    private sealed record PoolKey(string Warehouse, WarehouseEndpoint? Place, WarehouseRole Role, RolePasswords Passwords)
    {
        public KeptLogin? Login { get; init; }

        /// <summary>As whom, and through which AWS connection, where the login that was given does everything.</summary>
        public RedshiftSettings? As { get; init; }

        public bool Lone { get; init; }
    }

    // Idle connections are kept for the warehouses that were read last.
    private void KeepWarm(NpgsqlDataSource pool)
    {
        lock (_warm)
        {
            _warm.Remove(pool);
            _warm.AddFirst(pool);
            if (_warm.Count > ConnectionBudget.WarmReaderPools)
            {
                _warm.Last!.Value.Clear();
                _warm.RemoveLast();
            }
        }
    }
}
