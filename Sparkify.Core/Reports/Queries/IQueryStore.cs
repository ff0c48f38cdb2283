using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Reports.Queries;

/// <summary>A query somebody ran.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">Where.</param>
/// <param name="Sql">The text.</param>
/// <param name="State">How it ended.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Took">How long it took; none while it runs, or when the application ended before it.</param>
/// <param name="Rows">How many rows it gave, as far as they were counted.</param>
/// <param name="Error">Why it failed.</param>
public sealed record PastQuery(
    long Id, string Warehouse, string Sql, QueryState State, DateTimeOffset StartedAt, TimeSpan? Took, long? Rows, string? Error);

/// <summary>A query somebody keeps.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, one of a kind per person.</param>
/// <param name="Sql">The text.</param>
/// <param name="ChangedAt">When it was saved or changed.</param>
public sealed record SavedQuery(long Id, string Name, string Sql, DateTimeOffset ChangedAt);

/// <summary>Each person's past and saved queries. Nobody sees another's.</summary>
[Guarded]
public interface IQueryStore
{
    /// <summary>How many characters the name of a saved query may have.</summary>
    const int LongestName = 100;

    /// <summary>How many past queries a page has at most.</summary>
    const int MostOnAPage = 200;

    /// <summary>One's past queries on a warehouse, newest first. The newest 1,000 of each person are kept.</summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    Task<Page<PastQuery>> HistoryAsync(string warehouse, Actor actor, int page, int size, CancellationToken ct);

    /// <summary>One of one's past queries; a not-found sentence when there is none.</summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    Task<PastQuery> GetAsync(string warehouse, long id, Actor actor, CancellationToken ct);

    /// <summary>One's saved queries, by name.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    Task<IReadOnlyList<SavedQuery>> SavedAsync(Actor actor, CancellationToken ct);

    /// <summary>One of one's saved queries; a not-found sentence when there is none.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    Task<SavedQuery> GetSavedAsync(long id, Actor actor, CancellationToken ct);

    /// <summary>Keeps a query under a name; a conflict when the name is taken.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task<SavedQuery> SaveAsync(string name, string sql, Actor actor, CancellationToken ct);

    /// <summary>Changes a saved query's name, text or both; what is none stays.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task<SavedQuery> ChangeAsync(long id, string? name, string? sql, Actor actor, CancellationToken ct);

    /// <summary>Deletes a saved query.</summary>
    [Needs(Right.Ask, Subject.Shared)]
    [Recorded]
    Task DeleteAsync(long id, Actor actor, CancellationToken ct);
}
