using System.Globalization;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Home;

/// <summary>The figures of Home.</summary>
public enum HomeFigureId
{
    /// <summary>How often songs were played.</summary>
    Plays,

    /// <summary>How many people listened on a day.</summary>
    Listeners,

    /// <summary>Which part of the plays was on the paid level.</summary>
    Paid,

    /// <summary>Which part of the plays the catalogue knows.</summary>
    Matched,

    /// <summary>How many records could not be staged.</summary>
    Rejects,

    /// <summary>How long the last load took.</summary>
    LoadTime,
}

/// <summary>What the figures are computed from.</summary>
/// <param name="Counted">How records became plays; none when the figures are about some days only, or it was not written down.</param>
/// <param name="Rejected">Records of the last load that could not be staged.</param>
/// <param name="Plays">The report on plays by level and day.</param>
/// <param name="Listeners">The report on people by day.</param>
/// <param name="Matches">The report on plays found in the catalogue by day.</param>
public sealed record HomeAnswers(PlayCounts? Counted, long Rejected, ReportResult Plays, ReportResult Listeners, ReportResult Matches);

/// <summary>A figure with its context.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">What it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="Note">Change or share beside it.</param>
/// <param name="Trend">Its course, oldest first.</param>
/// <param name="Href">Where more of it is.</param>
public sealed record HomeFigure(HomeFigureId Id, string Name, string Value, string? Note, IReadOnlyList<double> Trend, string Href)
{
    /// <summary>The figures of a warehouse.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="answers">What its reports say.</param>
    /// <param name="loads">Its last loads, oldest first.</param>
    /// <param name="facts">The step that builds the facts.</param>
    public static IReadOnlyList<HomeFigure> Of(Warehouse warehouse, HomeAnswers answers, IReadOnlyList<RunView> loads, string facts)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        ArgumentNullException.ThrowIfNull(answers);
        var (free, paid) = (Column(answers.Plays, "free"), Column(answers.Plays, "paid"));
        var listeners = Column(answers.Listeners, "users");
        var (plays, onPaid) = ((long)(free.Sum() + paid.Sum()), (long)paid.Sum());
        var done = loads.Where(static r => r.State == RunState.Succeeded).ToList();
        var made = done.Select(r => r.Steps.FirstOrDefault(s => s.Name == facts)?.Rows).OfType<long>().ToList();
        var took = done.Select(static r => r.WorkedUntil - r.WorkedFrom).OfType<TimeSpan>().ToList();
        var matched = answers.Counted?.MatchedPlays ?? (long)Column(answers.Matches, "matched").Sum();
        var all = answers.Counted?.Plays ?? plays;
        return
        [
            new(HomeFigureId.Plays, "Plays", Format.Count(all), answers.Counted is not null && made is [.., { } before, { } now]
                ? now == before ? "as before" : Format.Change(now, before) : null,
                [.. free.Zip(paid, static (f, p) => f + p)], Report("plays-over-time")),
            new(HomeFigureId.Listeners, "Listeners a day", listeners.Count == 0 ? "0"
                : listeners.Average().ToString("#,0.#", CultureInfo.InvariantCulture),
                listeners.Count == 0 ? null : $"at most {Format.Count((long)listeners.Max())}", listeners, Report("active-users")),
            new(HomeFigureId.Paid, "Plays on paid", Format.Percent(onPaid, plays), Format.Count(onPaid, "play"),
                [.. free.Zip(paid, static (f, p) => f + p > 0 ? p / (f + p) : 0)], Report("free-and-paid")),
            new(HomeFigureId.Matched, "Found in the catalogue", Format.Percent(matched, all),
                Format.Count(matched, "play"), Column(answers.Matches, "share"), Report("match-rate")),
            new(HomeFigureId.Rejects, "Rejects", Format.Count(answers.Rejected), Clean(done),
                [.. done.Select(static r => (double)r.Rejects)], WarehouseTabs.Href(warehouse.Name, WarehouseTab.Rejects)),
            new(HomeFigureId.LoadTime, "Load time", took is [.., { } last] ? Format.Duration(last) : "", took is [.., { } a, { } b]
                ? Format.Change(b - a) : null,
                [.. took.Select(static t => t.TotalSeconds)], Url.With("/runs", ("warehouse", warehouse.Name), ("kind", "load"))),
        ];

        string Report(string id) => Url.With($"/reports/{id}", ("warehouse", warehouse.Name));
    }

    private static List<double> Column(ReportResult result, string name)
    {
        var at = result.Report.Columns.Select(static c => c.Name).ToList().IndexOf(name);
        return [.. result.Rows.Select(row => ReportFormat.Length(row[at]))];
    }

    // How many loads in a row, up to the last, met no bad record.
    private static string? Clean(List<RunView> done) =>
        done.AsEnumerable().Reverse().TakeWhile(static r => r.Rejects == 0).Count() is > 1 and var clean
            ? $"{Format.Count(clean)} loads clean" : null;
}
