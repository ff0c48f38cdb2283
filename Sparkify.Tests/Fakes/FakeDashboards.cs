using Sparkify.Core.Common;
using Sparkify.Core.Reports.Dashboards;

namespace Sparkify.Tests.Fakes;

/// <summary>Dashboards in memory. It refuses what the real one refuses by version and by name; reports it does not know of.</summary>
internal sealed class FakeDashboards : IDashboards
{
    private readonly Feed<string> _feed = new();
    private readonly SortedDictionary<string, Dashboard> _all = new(StringComparer.Ordinal)
    {
        [IDashboards.Home] = new(IDashboards.Home, "Home", [], 1, Sample.Noon, null),
    };

    public int Subscribers => _feed.Subscribers;

    public Dashboard this[string id] => _all[id];

    public void Have(string id, params DashboardTile[] tiles) => _all[id] = new Dashboard(id, id, tiles, 1, Sample.Noon, "ann");

    /// <summary>Somebody else changes it.</summary>
    public void ChangeElsewhere(string id, params DashboardTile[] tiles) => Set(_all[id] with { Tiles = tiles, ChangedBy = "bob" });

    public Subscription<string> Subscribe() => _feed.Subscribe();

    public Task<IReadOnlyList<Dashboard>> ListAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Dashboard>>([_all[IDashboards.Home], .. _all.Values.Where(static d => d.Id != IDashboards.Home)]);

    public Task<Dashboard> GetAsync(string id, CancellationToken ct) => _all.TryGetValue(id, out var one)
        ? Task.FromResult(one)
        : throw SparkifyException.NotFound($"There is no dashboard '{id}'.");

    public Task<Dashboard> CreateAsync(string name, Actor actor, CancellationToken ct) => _all.Values.Any(d => d.Name == name)
        ? throw SparkifyException.Conflict($"There is a dashboard named “{name}” already.")
        : Task.FromResult(Set(new Dashboard(name.ToLowerInvariant(), name, [], 0, Sample.Noon, actor.Name)));

    public Task<Dashboard> PinAsync(string id, DashboardTile tile, Actor actor, CancellationToken ct) =>
        _all[id].Tiles.Any(t => t.Key == tile.Key)
            ? throw SparkifyException.Conflict($"It is on {_all[id].Name} already.")
            : Task.FromResult(Set(_all[id] with { Tiles = [.. _all[id].Tiles, tile] }));

    public Task<Dashboard> ArrangeAsync(
        string id, int version, IReadOnlyList<DashboardTile> tiles, Actor actor, CancellationToken ct) =>
        version != _all[id].Version
            ? throw SparkifyException.Conflict("It was changed meanwhile.")
            : Task.FromResult(Set(_all[id] with { Tiles = tiles }));

    public Task<Dashboard> RenameAsync(string id, string name, Actor actor, CancellationToken ct) =>
        Task.FromResult(Set(_all[id] with { Name = name }));

    public Task DeleteAsync(string id, Actor actor, CancellationToken ct)
    {
        _all.Remove(id);
        _feed.Publish(id);
        return Task.CompletedTask;
    }

    private Dashboard Set(Dashboard changed)
    {
        _all[changed.Id] = changed with { Version = changed.Version + 1 };
        _feed.Publish(changed.Id);
        return _all[changed.Id];
    }
}
