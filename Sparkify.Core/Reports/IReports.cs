using System.Globalization;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports;

/// <summary>Which published star something was computed from.</summary>
/// <param name="Run">The load that published it.</param>
/// <param name="PublishedAt">When.</param>
/// <param name="PutBackBy">The run that put it back; none when its load published what readers see.</param>
public sealed record DataVersion(long Run, DateTimeOffset PublishedAt, long? PutBackBy = null);

/// <summary>A parameter with the value a result was computed with.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Value">The value as text, as it stands in URLs; none: no limit.</param>
public sealed record ReportArgument(string Name, string Label, string? Value);

/// <summary>A report's answer.</summary>
/// <param name="Report">The question.</param>
/// <param name="Warehouse">Where it was asked.</param>
/// <param name="Arguments">Every parameter with its value.</param>
/// <param name="Rows">The rows; a row's values stand in the order of <see cref="ReportInfo.Columns"/> and are of the types that
/// <see cref="ColumnFormat"/> says.</param>
/// <param name="More">Whether there are more rows than are kept here; the CSV has all.</param>
/// <param name="Sql">The SQL that was run, with its parameters and their values listed in its first lines.</param>
/// <param name="Took">How long the server took.</param>
/// <param name="Version">The star it was computed from.</param>
/// <param name="ComputedAt">When.</param>
/// <param name="Cached">Whether it was there already.</param>
public sealed record ReportResult(
    ReportInfo Report, string Warehouse, IReadOnlyList<ReportArgument> Arguments, IReadOnlyList<IReadOnlyList<object?>> Rows, bool More,
    string Sql, TimeSpan Took, DataVersion Version, DateTimeOffset ComputedAt, bool Cached)
{
    /// <summary>What names the underlying rows of one row: hand it to <see cref="IReports.DrillAsync"/>, or write it into a URL.</summary>
    public IReadOnlyDictionary<string, string?> Mark(IReadOnlyList<object?> row) => Report.DrillKeys.ToDictionary(
        key => key, key => Text(row[Report.Columns.Select(c => c.Name).ToList().IndexOf(key)]), StringComparer.Ordinal);

    private static string? Text(object? value) => value switch
    {
        null => null,
        DateTime { TimeOfDay.Ticks: 0 } day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime moment => moment.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}

/// <summary>The rows behind a mark, a page at a time.</summary>
/// <param name="Columns">Their columns.</param>
/// <param name="Rows">This page of them, in the order of <paramref name="Columns"/>.</param>
public sealed record DrillPage(IReadOnlyList<ReportColumn> Columns, Page<IReadOnlyList<object?>> Rows);

/// <summary>What the figures of a warehouse stand on.</summary>
/// <param name="Version">Which load published them, and when.</param>
/// <param name="Plays">How records became plays; none when it was not written down.</param>
/// <param name="Rejected">Event records that could not be staged.</param>
/// <param name="ChecksPassed">Checks that the star passed.</param>
/// <param name="Checks">Checks there were.</param>
public sealed record ReportTrust(DataVersion Version, PlayCounts? Plays, long Rejected, int ChecksPassed, int Checks)
{
    /// <summary>
    /// How many files the load met at the source's locations and did not read; none when it was not written down.
    /// </summary>
    public long? FilesLeftOut { get; init; }

    /// <summary>Why it did not, in words with an example each; none when there are no such files.</summary>
    public string? LeftOutWords { get; init; }

    /// <summary>Whether somebody may have meant some of those to be read.</summary>
    public bool LeftOutMayBeMissed { get; init; }

    /// <summary>What of it is older than its warehouse allows, as sentences.</summary>
    public IReadOnlyList<string> Stale { get; init; } = [];

    /// <summary>How many files had not one good record; none when it was not written down.</summary>
    public long? FilesFailed { get; init; }

    /// <summary>
    /// Whether every event record read became a staged row or a reject, and every staged row a play, a repeated play or another page.
    /// </summary>
    public bool? Reconciled => Plays is null ? null
        : Plays.EventsRead == Plays.EventsStaged + Rejected && Plays.EventsStaged == Plays.OtherPages + Plays.RepeatedPlays + Plays.Plays;
}

/// <summary>The days (UTC) that the plays of a published star span.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public sealed record PlayDays(DateOnly First, DateOnly Last);

/// <summary>
/// Canned reports over a warehouse's published star. A page lists <see cref="Catalogue"/>, keeps the parameters in its URL as text, calls
/// <see cref="RunAsync"/> when they change and again when <see cref="IWarehouses.Subscribe"/> names its warehouse (a publish makes a new
/// version, so the call then computes afresh; otherwise it comes from the cache). The CSV is a link to
/// <c>/api/v1/warehouses/{name}/reports/{id}?…&amp;format=csv&amp;csv=excel</c> (or <c>raw</c>), that of a drill to
/// <c>…/reports/{id}/rows?…</c>.
/// Unknown ids and values that do not fit throw a <see cref="SparkifyException"/> with a sentence; a warehouse without a published star a
/// conflict.
/// </summary>
[Guarded]
public interface IReports
{
    /// <summary>How many rows a page of a drill has at most.</summary>
    const int MostOnAPage = 1000;

    /// <summary>The last page there can be of a drill.</summary>
    const int MostPages = 1_000_000;

    /// <summary>Every report, group by group.</summary>
    [Needs(Right.See, Subject.Shared)]
    IReadOnlyList<ReportInfo> Catalogue { get; }

    /// <summary>One report by its id; a not-found sentence when there is none.</summary>
    [Needs(Right.See, Subject.Shared)]
    ReportInfo Get(string id);

    /// <summary>Answers a report from the cache, or computes it; <paramref name="fresh"/> computes it in any case.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<ReportResult> RunAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, CancellationToken ct, bool fresh = false);

    /// <summary>
    /// The rows behind one mark, with the report's parameters still in force. It takes a place among the queries and exports that run at
    /// once: nothing of it is kept for others.
    /// </summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<DrillPage> DrillAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, string?> mark,
        int page, int size, Actor actor, CancellationToken ct);

    /// <summary>The days that plays span, from the cache or computed; none when there is no play with a time.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<PlayDays?> DaysAsync(string warehouse, CancellationToken ct);

    /// <summary>What the figures stand on; none before the first publish.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<ReportTrust?> TrustAsync(string warehouse, CancellationToken ct);

    /// <summary>
    /// Opens all rows of a report, or of one mark of it, to be streamed as CSV. What is wrong is thrown here, before the first byte.
    /// It takes a place among the queries and exports that run at once.
    /// </summary>
    [Needs(Right.Ask, Subject.Warehouse)]
    [Recorded]
    Task<ICsvSource> OpenCsvAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, string?>? mark,
        Actor actor, CancellationToken ct);
}

/// <summary>Rows that wait to be written as CSV; dispose it when done or not wanted.</summary>
public interface ICsvSource : IAsyncDisposable
{
    /// <summary>A name for the file.</summary>
    string FileName { get; }

    /// <summary>
    /// Writes UTF-8 CSV (RFC 4180), row by row: lines that begin with <c>#</c> and say what this is (if the form asks for them), a line of
    /// headings, and all rows. Every type has one shape: timestamps are <c>YYYY-MM-DD HH:MM:SS.fff</c>, dates <c>YYYY-MM-DD</c>; NULL is
    /// nothing between its commas, an empty text is <c>""</c>.
    /// </summary>
    Task WriteAsync(Stream output, CsvForm form, CancellationToken ct);
}
