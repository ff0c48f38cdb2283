using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Reports.Queries;

/// <summary>Where an ad-hoc query stands.</summary>
public enum QueryState
{
    /// <summary>The server works, or rows are coming.</summary>
    Running,

    /// <summary>All rows that are kept have come.</summary>
    Succeeded,

    /// <summary>It failed; <see cref="QueryView.Error"/> says why.</summary>
    Failed,

    /// <summary>It was cancelled, and the server has stopped.</summary>
    Cancelled,
}

/// <summary>A column of a query's result.</summary>
/// <param name="Name">Its name; names need not be unique.</param>
/// <param name="Type">Its type in SQL.</param>
/// <param name="Numeric">Whether it holds numbers: to be set flush right.</param>
public sealed record QueryColumn(string Name, string Type, bool Numeric);

/// <summary>Why a query failed.</summary>
/// <param name="Message">In a sentence.</param>
/// <param name="Line">The line in the query's text, from 1; none when the server named no position.</param>
/// <param name="Column">The character in that line, from 1, counted as editors do (UTF-16).</param>
/// <param name="Hint">What the server suggests.</param>
public sealed record QueryError(string Message, int? Line = null, int? Column = null, string? Hint = null);

/// <summary>A query at one moment; each is a new record.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Columns">Its columns; none until the server has named them. A statement without a result has an empty list.</param>
/// <param name="Rows">How many rows are kept and can be read with <see cref="IQueryRun.Rows"/>.</param>
/// <param name="More">How many rows there are beyond those; 0 when that is all, none while that is not known.</param>
/// <param name="MoreIsLeast">Whether <paramref name="More"/> is only what was counted so far: "at least".</param>
/// <param name="Took">How long it took, or has been running.</param>
/// <param name="FirstRowsAfter">When the first rows came.</param>
/// <param name="Error">Why it failed.</param>
public sealed record QueryView(
    QueryState State, IReadOnlyList<QueryColumn>? Columns, int Rows, long? More, bool MoreIsLeast, TimeSpan Took, TimeSpan? FirstRowsAfter,
    QueryError? Error);

/// <summary>
/// One ad-hoc query of one person. Subscribe, show <see cref="Now"/>, and show every view that comes; a virtualised grid asks
/// <see cref="Rows"/>
/// for its window. Disposing it cancels the query on the server when it still runs, and lets the rows go.
/// </summary>
public interface IQueryRun : IAsyncDisposable
{
    /// <summary>Its number in the history: <c>/api/v1/warehouses/{name}/queries/{id}/csv</c> streams all its rows.</summary>
    long Id { get; }

    /// <summary>The text.</summary>
    string Sql { get; }

    /// <summary>Where it stands now.</summary>
    QueryView Now { get; }

    /// <summary>Views from now on: when the first rows have come, at most ten times a second while more come, and at the end.</summary>
    Subscription<QueryView> Subscribe();

    /// <summary>
    /// A window of the kept rows, each cell as the server writes it; none for NULL. Long cells are cut (the CSV has them whole).
    /// </summary>
    IReadOnlyList<IReadOnlyList<string?>> Rows(int start, int count);

    /// <summary>The last view, when it has come.</summary>
    Task<QueryView> Completion { get; }

    /// <summary>Cancels it on the server and waits until it has stopped.</summary>
    Task CancelAsync();
}

/// <summary>
/// Ad-hoc SQL as the warehouse's read-only role: what that role may not do, no query can. Whoever has as many running as one person may, or
/// finds all places taken, is refused with a sentence and tries again.
/// </summary>
[Guarded]
public interface IQueries
{
    /// <summary>How many rows a query keeps at most.</summary>
    [Needs(Right.See, Subject.Shared)]
    int MostRows { get; }

    /// <summary>How long a query may take.</summary>
    [Needs(Right.See, Subject.Shared)]
    TimeSpan Timeout { get; }

    /// <summary>
    /// Starts one statement and gives it at once; it goes on by itself. Throws a sentence when it cannot be started. The values are those
    /// of its <see cref="SqlParameters">parameters</see>.
    /// </summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    [Recorded]
    Task<IQueryRun> StartAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, int? maxRows = null,
        IReadOnlyDictionary<string, string>? values = null);

    /// <summary>
    /// How the server would carry a query out, line by line. Nothing is run, unless its times are to be <paramref name="measured"/>,
    /// which only a local warehouse can. Errors are thrown as a sentence with the position.
    /// </summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    [Recorded]
    Task<IReadOnlyList<string>> ExplainAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, IReadOnlyDictionary<string, string>? values = null,
        bool measured = false);

    /// <summary>Opens all rows of a query, to be streamed as CSV. Errors of the query are thrown here, before the first byte.</summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    [Recorded]
    Task<ICsvSource> OpenCsvAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, IReadOnlyDictionary<string, string>? values = null);
}
