using System.Text.Json.Serialization;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Reports.Dashboards;

/// <summary>One report on a dashboard.</summary>
/// <param name="Report">The report's id.</param>
/// <param name="Parameters">The parameters it keeps; a filter of the dashboard goes before its own.</param>
/// <param name="Wide">Whether it takes twice the width of the others.</param>
public sealed record DashboardTile(string Report, IReadOnlyDictionary<string, string?> Parameters, bool Wide = false)
{
    /// <summary>One of a kind on a dashboard: the report with its parameters.</summary>
    [JsonIgnore]
    public string Key => string.Join(
        '&', Parameters.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => $"{p.Key}={p.Value}").Prepend(Report));
}

/// <summary>Several reports under one set of filters, the same for everybody.</summary>
/// <param name="Id">Its name in addresses; it stays when the dashboard is renamed.</param>
/// <param name="Name">Its name, one of a kind whatever its case.</param>
/// <param name="Tiles">Its reports, in their order.</param>
/// <param name="Version">One more with every change.</param>
/// <param name="ChangedAt">When it was changed last.</param>
/// <param name="ChangedBy">By whom; none while it is as it came.</param>
public sealed record Dashboard(
    string Id, string Name, IReadOnlyList<DashboardTile> Tiles, int Version, DateTimeOffset ChangedAt, string? ChangedBy);

/// <summary>
/// The dashboards. What is not there is a not-found sentence; a tile whose report or parameters do not exist, and a name that is taken,
/// are refused in words.
/// </summary>
[Guarded]
public interface IDashboards
{
    /// <summary>The dashboard on Home: it is always there, and keeps its name.</summary>
    const string Home = "home";

    /// <summary>How many characters a name may have.</summary>
    const int LongestName = 60;

    /// <summary>Says the id of each dashboard that is made, changed or deleted here.</summary>
    [Needs(Right.See, Subject.Shared)]
    Subscription<string> Subscribe();

    /// <summary>All of them: Home's, then by name.</summary>
    [Needs(Right.See, Subject.Shared)]
    Task<IReadOnlyList<Dashboard>> ListAsync(CancellationToken ct);

    /// <summary>One of them.</summary>
    [Needs(Right.See, Subject.Shared)]
    Task<Dashboard> GetAsync(string id, CancellationToken ct);

    /// <summary>Makes an empty one.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task<Dashboard> CreateAsync(string name, Actor actor, CancellationToken ct);

    /// <summary>Adds a report at its end; a conflict when it has that report with these parameters, or is full.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task<Dashboard> PinAsync(string id, DashboardTile tile, Actor actor, CancellationToken ct);

    /// <summary>
    /// Gives it other tiles, or the same in another order; a conflict when it was changed since <paramref name="version"/>.
    /// </summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task<Dashboard> ArrangeAsync(string id, int version, IReadOnlyList<DashboardTile> tiles, Actor actor, CancellationToken ct);

    /// <summary>Gives it another name; its id stays.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task<Dashboard> RenameAsync(string id, string name, Actor actor, CancellationToken ct);

    /// <summary>Deletes it. Reports are not touched.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task DeleteAsync(string id, Actor actor, CancellationToken ct);
}
