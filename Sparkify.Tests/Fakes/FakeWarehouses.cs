using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Fakes;

/// <summary>A registry of warehouses, and their plans, as a test says they are.</summary>
internal sealed class FakeWarehouses : IWarehouses, IWarehousePlans
{
    private readonly ConcurrentDictionary<string, Warehouse> _all = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<OwnedResource>> _resources = new(StringComparer.Ordinal);
    private readonly Feed<string> _feed = new();

    public ConcurrentQueue<NewWarehouse> Created { get; } = new();

    public ConcurrentQueue<string> Forgotten { get; } = new();

    /// <summary>The cluster settings that were given.</summary>
    public ConcurrentQueue<(string Warehouse, RedshiftSettings Settings)> Configured { get; } = new();

    /// <summary>The passwords that were given.</summary>
    public ConcurrentQueue<(string Warehouse, string Password)> Logins { get; } = new();

    /// <summary>Refuses the next plan with a sentence.</summary>
    public string? PlanProblem { get; set; }

    public int Subscribers => _feed.Subscribers;

    public Warehouse Have(Warehouse warehouse) => _all[warehouse.Name] = warehouse;

    public void Publish(Warehouse warehouse)
    {
        _all[warehouse.Name] = warehouse;
        _feed.Publish(warehouse.Name);
    }

    public void HaveResources(string name, params OwnedResource[] resources) => _resources[name] = resources;

    public Task<IReadOnlyList<Warehouse>> ListAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Warehouse>>([.. _all.Values.OrderBy(w => w.Name, StringComparer.Ordinal)]);

    public Task<Warehouse?> FindAsync(string name, CancellationToken ct) => Task.FromResult(_all.GetValueOrDefault(name));

    public Task<Warehouse> CreateAsync(NewWarehouse request, Actor actor, CancellationToken ct)
    {
        Created.Enqueue(request);
        var warehouse = new Warehouse(
            request.Name, request.Target, request.Source, request.MaxRejects
                ?? 1000, WarehouseState.Defined, DateTimeOffset.UtcNow, actor.Name, null, null, request.Redshift);
        if (!_all.TryAdd(request.Name, warehouse))
        {
            throw SparkifyException.Conflict($"There is already a warehouse named '{request.Name}'.");
        }

        _feed.Publish(request.Name);
        return Task.FromResult(warehouse);
    }

    public Task<Warehouse> GiveLoginAsync(string name, LoginPassword password, Actor actor, CancellationToken ct)
    {
        Logins.Enqueue((name, password.Value));
        return Task.FromResult(_all[name]);
    }

    public Task<Warehouse> LimitRejectsAsync(string name, int maxRejects, Actor actor, CancellationToken ct)
    {
        if (!_all.TryGetValue(name, out var warehouse))
        {
            throw SparkifyException.NotFound($"There is no warehouse named '{name}'.");
        }

        Publish(warehouse with { MaxRejects = maxRejects });
        return Task.FromResult(_all[name]);
    }

    public Task<Warehouse> LimitAgesAsync(string name, FreshnessLimits limits, Actor actor, CancellationToken ct)
    {
        limits.Check();
        Publish(_all[name] with { Freshness = limits });
        return Task.FromResult(_all[name]);
    }

    public Task<Warehouse> ChooseLoadsAsync(string name, LoadMode mode, Actor actor, CancellationToken ct)
    {
        Publish(_all[name] with { LoadMode = mode });
        return Task.FromResult(_all[name]);
    }

    public Task<Warehouse> LimitDecisionsAsync(string name, DecisionLimits limits, Actor actor, CancellationToken ct)
    {
        limits.Check();
        Publish(_all[name] with { DecisionLimits = limits });
        return Task.FromResult(_all[name]);
    }

    /// <summary>Refuses the next change of a connection with a sentence.</summary>
    public string? ConnectProblem { get; set; }

    public Task<Warehouse> ConnectAsync(string name, string? connection, Actor actor, CancellationToken ct)
    {
        if (ConnectProblem is { } problem)
        {
            throw SparkifyException.Conflict(problem);
        }

        var wanted = NewWarehouse.Of(_all[name]).Through(connection);
        Publish(_all[name] with { Redshift = wanted.Redshift, Source = wanted.Source });
        return Task.FromResult(_all[name]);
    }

    public Task<Warehouse> ReconfigureAsync(string name, RedshiftSettings settings, Actor actor, CancellationToken ct)
    {
        Configured.Enqueue((name, settings));
        Publish(_all[name] with { Redshift = settings });
        return Task.FromResult(_all[name]);
    }

    public Task ForgetAsync(string name, Actor actor, CancellationToken ct)
    {
        if (!_all.TryRemove(name, out _))
        {
            throw SparkifyException.NotFound($"There is no warehouse named '{name}'.");
        }

        Forgotten.Enqueue(name);
        _feed.Publish(name);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<OwnedResource>> ResourcesAsync(string name, CancellationToken ct) =>
        Task.FromResult(_resources.GetValueOrDefault(name) ?? []);

    public Subscription<string> Subscribe() => _feed.Subscribe();

    public Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct)
    {
        if (PlanProblem is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }

        return Task.FromResult<IReadOnlyList<PlannedResource>>(
        [
            new("database", $"sparkify_{request.Name}", PlannedAction.Create, "On the embedded PostgreSQL, UTF-8"),
            new("role", $"sparkify_{request.Name}_loader", PlannedAction.Create, "Owns the database; loads and publishes"),
            new("role", $"sparkify_{request.Name}_reporter", PlannedAction.Create, "Reads the published star, nothing else"),
        ]);
    }
}
