using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// Where clusters answer SQL: a loopback port for each, open while the cluster is available, and a database of its own on the
/// server behind. It follows the control plane: after every call and whenever a change of state is due.
/// </summary>
internal sealed class SqlPlane : IAsyncDisposable
{
    private readonly World _world;
    private readonly SimulatorFaults _faults;
    private readonly S3Traffic _traffic;
    private readonly BackendServer _backend;
    private readonly Dictionary<string, SqlCluster> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClusterDatabase> _snapshots = new(StringComparer.Ordinal);
    private readonly List<Task> _drops = [];
    private readonly SqlCertificate _certificate;
    private ITimer? _timer;

    public SqlPlane(World world, SimulatorFaults faults, S3Traffic traffic, string backend)
    {
        (_world, _faults, _traffic, _backend) = (world, faults, traffic, new BackendServer(backend, world.Options.SqlPassword));
        _certificate = SqlCertificate.Create(world.Options.StateFile);
    }

    /// <summary>The certificate of its ports, as PEM.</summary>
    public string Certificate => _certificate.Pem;

    /// <summary>A port for a cluster that is about to be created. The caller holds the world's gate.</summary>
    public SqlAddress Reserve(string key, int? port = null)
    {
        var cluster = new SqlCluster(key, port ?? _world.Options.SqlPort, _world, _faults, _traffic, _backend)
        {
            Certificate = _certificate.Certificate,
        };
        _clusters.Add(key, cluster);
        return new SqlAddress("127.0.0.1", cluster.Port);
    }

    /// <summary>The copying of a snapshot's data, which fails when it fails. The caller holds the world's gate.</summary>
    public Task CopyOf(Snapshot snapshot) =>
        snapshot.Key is { } key && _snapshots.TryGetValue(key, out var database) ? database.ReadyAsync() : Task.CompletedTask;

    /// <summary>The making of a cluster's database, which fails when it fails. The caller holds the world's gate.</summary>
    public Task CopyOf(Cluster cluster) =>
        _clusters.TryGetValue(cluster.Key, out var sql) ? sql.Database.ReadyAsync() : Task.CompletedTask;

    /// <summary>Makes ports and databases what the clusters' states say.</summary>
    public void Follow()
    {
        lock (_world.Gate)
        {
            var now = _world.Now;
            DateTimeOffset? next = null;
            HashSet<string> living = new(StringComparer.Ordinal);
            foreach (var region in _world.Regions)
            {
                region.Settle(now);
                foreach (var (key, of) in region.Snapshots.Values.Where(static s => s.Key is not null).Select(static s => (s.Key!, s.Of)))
                {
                    living.Add(key);
                    if (!_snapshots.ContainsKey(key))
                    {
                        var copy = _snapshots[key] = new ClusterDatabase(key, _backend);
                        copy.Prepare(of.MasterUsername, of.Database, new CopyFrom(_clusters.GetValueOrDefault(of.Key)?.Database));
                    }
                }

                foreach (var cluster in region.Clusters.Values)
                {
                    living.Add(cluster.Key);
                    if (_clusters.TryGetValue(cluster.Key, out var sql))
                    {
                        sql.Follow(cluster, region.Name, cluster.RestoredFrom is { } key
                            ? new CopyFrom(_snapshots.GetValueOrDefault(key), OtherPassword: cluster.Secret is not null) : null);
                    }

                    next = cluster.DueAt is { } due && (next is null || due < next) ? due : next;
                }
            }

            foreach (var (key, gone) in _clusters.Where(c => !living.Contains(c.Key)).ToList())
            {
                _clusters.Remove(key);
                _drops.RemoveAll(static d => d.IsCompleted);
                _drops.Add(gone.DropAsync());
            }

            foreach (var (key, gone) in _snapshots.Where(s => !living.Contains(s.Key)).ToList())
            {
                _snapshots.Remove(key);
                _drops.Add(gone.DropAsync());
            }

            _timer?.Dispose();
            _timer = next is { } at ? _world.Options.Clock.CreateTimer(static plane => ((SqlPlane)plane!)
                .Follow(), this, Later(at - now), Timeout.InfiniteTimeSpan) : null;
        }

        // Just after the moment, so that one look is enough.
        static TimeSpan Later(TimeSpan wait) => wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait;
    }

    public async ValueTask DisposeAsync()
    {
        List<SqlCluster> clusters;
        List<ClusterDatabase> snapshots;
        lock (_world.Gate)
        {
            _timer?.Dispose();
            _timer = null;
            clusters = [.. _clusters.Values];
            snapshots = [.. _snapshots.Values];
            _clusters.Clear();
            _snapshots.Clear();
        }

        var drop = _world.Options.StateFile is null;
        await Task.WhenAll([.. clusters.Select(c => drop ? c.DropAsync() : c.DisposeAsync().AsTask()),
            .. snapshots.Select(s => drop ? s.DropAsync() : s.DisposeAsync().AsTask()), .. _drops]);
        _certificate.Dispose();
    }
}
