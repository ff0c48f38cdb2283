using System.Collections.Concurrent;
using Sparkify.Core.Aws;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Provisioning.Redshift.Export;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Fakes;

namespace Sparkify.Tests.Core.Provisioning.Redshift;

/// <summary>A simulator, a journal that survives, and provisioners that do not: each run gets a new one, as after a crash.</summary>
internal sealed class RedshiftBench : IAsyncDisposable
{
    public const string Bucket = "music";

    public static readonly SimulatorDelays Quick = new()
    {
        Creating = TimeSpan.FromMilliseconds(60),
        Deleting = TimeSpan.FromMilliseconds(30),
        FinalSnapshot = TimeSpan.FromMilliseconds(30),
        Pausing = TimeSpan.FromMilliseconds(30),
        Resuming = TimeSpan.FromMilliseconds(30),
        RoleSync = TimeSpan.FromMilliseconds(30),
        InterfaceLinger = TimeSpan.FromMilliseconds(60),
    };

    private readonly List<string> _log = [];

    private RedshiftBench(SimulatorServer simulator) => Simulator = simulator;

    public SimulatorServer Simulator { get; }

    public MemoryJournal Journal { get; } = new();

    public RedshiftSettings Settings { get; set; } = new() { Simulated = true, Owner = "ann" };

    /// <summary>The number of the run that is at work.</summary>
    public long Run { get; set; } = 1;

    /// <summary>How often a call is tried again before a run hears of its trouble.</summary>
    public int Retries { get; set; } = 8;

    public RedshiftPatience Patience { get; set; } = new()
    {
        Poll = TimeSpan.FromMilliseconds(10),
        Ceiling = TimeSpan.FromSeconds(20),
        RoleSeen = TimeSpan.FromSeconds(10),
        GroupReleased = TimeSpan.FromSeconds(10),
    };

    public Warehouse Warehouse { get; set; } = new(
        "music", WarehouseTarget.Redshift, new LocationSource(
            $"s3://{Bucket}/log-data/", $"s3://{Bucket}/song-data/", $"s3://{Bucket}/log_json_path.json", Simulated: true),
        0, WarehouseState.Defined, DateTimeOffset.UnixEpoch, "ann", null, null);

    private Warehouse Described => Warehouse with { Redshift = Settings };

    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    public static async Task<RedshiftBench> StartAsync(SimulatorDelays? delays = null, SimulatorQuotas? quotas = null)
    {
        var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = delays ?? Quick, Quotas = quotas ?? new() });
        simulator.CreateBucket(Bucket);
        return new RedshiftBench(simulator);
    }

    public async ValueTask DisposeAsync() => await Simulator.DisposeAsync();

    public AwsTestClients Door() => AwsTestClients.To(Simulator, retries: Retries);

    public Task<IReadOnlyList<PlannedResource>> PlanAsync() =>
        WithAsync(p => p.PlanAsync(NewWarehouse.Of(Described), CancellationToken.None));

    public Task ProvisionAsync(string? from = null, CancellationToken ct = default) => DoAsync(
        p => RunAsync([.. p.Provision(Described).SkipWhile(s => from is not null && s.Name != from)], ct));

    public Task TeardownAsync() => DoAsync(p => RunAsync(p.Teardown(Described), CancellationToken.None));

    public Task PauseAsync() => DoAsync(p => RunAsync(p.Pause(Described), CancellationToken.None));

    public Task ResumeAsync() => DoAsync(p => RunAsync(p.Resume(Described), CancellationToken.None));

    public RedshiftNames Names => new(Warehouse.Name, Journal.Store);

    /// <summary>The warehouse in another tool's language.</summary>
    public async Task<string> ExportAsync(ExportFormat format)
    {
        using var door = Door();
        var warehouses = new FakeWarehouses();
        warehouses.Have(Described);
        return (await new WarehouseExports(warehouses, new ProvisioningContexts(door.Aws, Journal, TimeProvider.System, Patience))
            .ExportAsync(Warehouse.Name, format, CancellationToken.None)).Text;
    }

    /// <summary>Everything of ours the account still holds.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync()
    {
        using var door = Door();
        var aws = door.Clients;
        return
        [
            .. (await aws.Redshift.ListClustersAsync(null, null, CancellationToken.None)).Select(c => $"cluster {c.Id}"),
            .. (await aws.Iam.ListRolesAsync(null, CancellationToken.None)).Select(r => $"role {r.Name}"),
            .. (await aws.Ec2.ListSecurityGroupsAsync(ProvisioningContext.WarehouseTag, Warehouse.Name, CancellationToken.None))
                .Select(g => $"group {g.Id}"),
            .. (await aws.Secrets.ListAsync("", CancellationToken.None)).Select(s => $"secret {s}"),
            .. (await aws.Redshift.ListSnapshotsAsync(null, CancellationToken.None)).Select(s => $"snapshot {s.Id}"),
        ];
    }

    public async Task<ClusterInfo?> ClusterAsync()
    {
        using var door = Door();
        return await door.Clients.Redshift.FindClusterAsync(Names.Cluster, CancellationToken.None);
    }

    private async Task<T> WithAsync<T>(Func<RedshiftProvisioner, Task<T>> work)
    {
        using var door = Door();
        try
        {
            return await work(new RedshiftProvisioner(new ProvisioningContexts(
                door.Aws, Journal, TimeProvider.System, Patience), Journal, new NoSql(), new NoDatabases(), new S3Buckets(door.Aws),
                restored: null!, existing: null!)); // nothing comes back here, and all clusters here are the warehouses' own
        }
        finally
        {
            Note(door.Logs.All);
        }
    }

    private async Task DoAsync(Func<RedshiftProvisioner, Task> work) => await WithAsync(async p =>
    {
        await work(p);
        return true;
    });

    private async Task RunAsync(IReadOnlyList<RunStep> steps, CancellationToken ct)
    {
        foreach (var step in steps)
        {
            var progress = new StepProgress();
            await step.WorkAsync(new StepContext(
                Run, Warehouse.Name, "ann", 1, TimeProvider.System.GetUtcNow(), progress, TimeProvider.System,
                (level, line) => Note($"{level} {line}"), static _ => throw new NotSupportedException("Nothing is loaded here.")), ct);
            Note(progress.Message ?? "");
        }
    }

    private void Note(string line)
    {
        lock (_log)
        {
            _log.Add(line);
        }
    }
}

/// <summary>The journal in memory; what it holds is what a crash would leave.</summary>
internal sealed class MemoryJournal : IWarehouseJournal
{
    public Task SetReaderBoundsAsync(string warehouse, string version, CancellationToken ct) =>
        throw new InvalidOperationException("A cluster has no readers that are bounded here.");

    public Task<IReadOnlyList<string>> WithoutReaderBoundsAsync(string version, CancellationToken ct) =>
        throw new InvalidOperationException("A cluster has no readers that are bounded here.");

    public Task UnchangedAsync(string warehouse, CancellationToken ct) => throw new NotSupportedException("Nothing is loaded here.");

    public Task WantPasswordsAsync(string warehouse, CancellationToken ct) => throw new NotSupportedException("Nobody rotates here.");

    public Task SetPasswordsAsync(
        string warehouse, RolePasswords which, CancellationToken ct, Func<Npgsql.NpgsqlConnection, Task>? give = null) =>
        Task.CompletedTask;

    public Task<RolePasswords> PasswordsAsync(string warehouse, CancellationToken ct) =>
        throw new NotSupportedException("Nobody logs in here.");

    public Task<bool> HadAsync(string warehouse, string kind, string name, CancellationToken ct) =>
        Task.FromResult(_live.ContainsKey((warehouse, kind, name)));

    public Task KnowByAsync(string warehouse, string kind, string name, string mark, CancellationToken ct)
    {
        _knownBy[(warehouse, kind, name)] = mark;
        return Task.CompletedTask;
    }

    public Task<string?> KnownByAsync(string warehouse, string kind, string name, CancellationToken ct) =>
        Task.FromResult(_knownBy.GetValueOrDefault((warehouse, kind, name)));

    public Task<bool> HasTakenBackAsync(string warehouse, long run, CancellationToken ct) =>
        throw new NotSupportedException("No run is taken up again here.");

    private readonly ConcurrentDictionary<(string Warehouse, string Kind, string Name), string> _knownBy = new();

    public Task SetOneLoginAsync(string warehouse, bool alone, CancellationToken ct) =>
        throw new NotSupportedException("All clusters here are the warehouses' own.");

    public Task<KeptLogin> LoginAsync(string warehouse, CancellationToken ct) =>
        throw new NotSupportedException("All clusters here are the warehouses' own.");

    private readonly ConcurrentDictionary<(string Warehouse, string Kind, string Name), bool> _live = new();

    public Guid Store { get; } = Guid.NewGuid();

    public WarehouseState State { get; private set; }

    public WarehouseEndpoint? Endpoint { get; private set; }

    public IEnumerable<(string Kind, string Name)> Live => _live.Where(l => l.Value).Select(l => (l.Key.Kind, l.Key.Name));

    private readonly ConcurrentDictionary<(string Warehouse, string Kind, string Name), long> _madeBy = new();

    public Task AddAsync(string warehouse, string kind, string name, CancellationToken ct, long? run = null)
    {
        _live[(warehouse, kind, name)] = true;
        if (run is { } maker)
        {
            _madeBy[(warehouse, kind, name)] = maker;
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlySet<(string Kind, string Name)>> MadeByAsync(string warehouse, long run, CancellationToken ct) =>
        Task.FromResult<IReadOnlySet<(string, string)>>(_madeBy.Where(m => m.Value == run && _live[m.Key])
            .Select(static m => (m.Key.Kind, m.Key.Name)).ToHashSet());

    /// <summary>In which account it all is.</summary>
    public string? Account { get; set; }

    public Task<string?> KeepAccountAsync(string warehouse, string account, CancellationToken ct)
    {
        Account = Account is null || !Live.Any() ? account : Account;
        return Task.FromResult<string?>(Account);
    }

    public Task<bool> HasAsync(string warehouse, string kind, string name, CancellationToken ct) =>
        Task.FromResult(_live.GetValueOrDefault((warehouse, kind, name)));

    public Task RemovedAsync(string warehouse, string kind, string name, bool leftAlone, CancellationToken ct)
    {
        _live[(warehouse, kind, name)] = false;
        _madeBy.TryRemove((warehouse, kind, name), out _);
        _knownBy.TryRemove((warehouse, kind, name), out _);
        return Task.CompletedTask;
    }

    public Task SetStateAsync(string warehouse, WarehouseState state, CancellationToken ct)
    {
        State = state;
        return Task.CompletedTask;
    }

    public Task SetEndpointAsync(string warehouse, WarehouseEndpoint? endpoint, CancellationToken ct)
    {
        Endpoint = endpoint;
        return Task.CompletedTask;
    }

    public Task PublishedAsync(
        string warehouse, long run, long? putBackBy, IReadOnlyList<TableCount> counts, PlayCounts plays, DateTime? newestEvent,
        CancellationToken ct)
        => throw new NotSupportedException("Provisioning publishes nothing.");

    private IReadOnlyCollection<string> _tagKeys = [];

    public Task<IReadOnlyList<string>> TagKeysAsync(string warehouse, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<string>>([.. _tagKeys]);

    public Task SetTagKeysAsync(string warehouse, IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        _tagKeys = keys;
        return Task.CompletedTask;
    }

    public Task<Guid> StoreIdAsync(CancellationToken ct) => Task.FromResult(Store);
}

/// <summary>Stands in for the cluster's SQL, where it is the control plane that is tested.</summary>
internal sealed class NoSql : IClusterRoles
{
    public Task<WarehouseEndpoint> EnsureAsync(ProvisioningContext context, ClusterInfo cluster, StepContext step, CancellationToken ct)
        => Task.FromResult(new WarehouseEndpoint(cluster.Host!, cluster.Port!.Value, cluster.Database!));

    public Task GoneAsync(string warehouse, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>
/// The same, once the master's password was read: a cluster that is not the built-in simulator's is spoken to by TLS, and there is no
/// certificate for the loopback address of one that stands in for AWS.
/// </summary>
internal sealed class ReadsItsPassword : IClusterRoles
{
    public async Task<WarehouseEndpoint> EnsureAsync(
        ProvisioningContext context, ClusterInfo cluster, StepContext step, CancellationToken ct)
    {
        Assert.NotEmpty((await context.Aws.Secrets.GetLoginAsync(cluster.SecretArn!, ct)).Password);
        return new WarehouseEndpoint(cluster.Host!, cluster.Port!.Value, cluster.Database!);
    }

    public Task GoneAsync(string warehouse, CancellationToken ct) => Task.CompletedTask;
}

/// <summary>No connections, for the same.</summary>
internal sealed class NoDatabases : IWarehouseDatabases
{
    public Npgsql.NpgsqlDataSource Open(Warehouse warehouse, WarehouseRole role) =>
        throw new NotSupportedException("Nothing connects here.");

    public Task<ReaderConnection> ReadAsync(Warehouse warehouse, CancellationToken ct) =>
        throw new NotSupportedException("Nothing connects here.");

    public Task<Npgsql.NpgsqlConnection> OpenAloneAsync(Warehouse warehouse, WarehouseRole role, CancellationToken ct)
        => throw new NotSupportedException("Nothing connects here.");

    public string Password(string warehouse, WarehouseRole role, RolePasswords which = default) =>
        throw new NotSupportedException("Nothing connects here.");

    public RolePasswords Newest(int number) => throw new NotSupportedException("Nothing connects here.");

    public Task CloseAsync(string warehouse) => Task.CompletedTask;
}
