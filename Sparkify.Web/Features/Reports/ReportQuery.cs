using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Sparkify.Core.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Reports;

/// <summary>A report with its parameters, as they stand in the address.</summary>
/// <param name="Report">The report's id.</param>
/// <param name="Warehouse">Where it is asked; none in a bare address.</param>
/// <param name="Parameters">The parameters that were given, by name.</param>
/// <param name="Mark">What names the mark whose rows are shown; none when none are.</param>
/// <param name="Page">The page of those rows.</param>
/// <param name="Sort">The column the table is sorted by, with a minus before it for the largest first; none: as the report has it.</param>
/// <param name="Last">How many of the last days of the data; none when days are named, or all are meant.</param>
public sealed record ReportQuery(
    string Report, string? Warehouse, IReadOnlyDictionary<string, string?> Parameters, IReadOnlyDictionary<string, string?>? Mark, int Page,
    string? Sort = null, int? Last = null)
{
    /// <summary>How many rows behind a mark a page has.</summary>
    public const int Rows = 25;

    // What names a mark could be called as a parameter is.
    private const string MarkPrefix = "mark.";

    /// <summary>Reads it from an address; what the report does not know is left out.</summary>
    public static ReportQuery From(ReportInfo report, string uri)
    {
        ArgumentNullException.ThrowIfNull(report);
        var words = QueryHelpers.ParseQuery(new Uri(uri).Query);
        // A value that is left out names the mark whose value is none; an empty one is an empty text.
        var rows = Url.Long(Word("rows")) is > 0 and <= 1_000_000 and var page ? (int?)page : null;
        return new ReportQuery(
            report.Id, Word("warehouse"),
            report.Parameters.Where(p => Word(p.Name) is not null).ToDictionary(p => p.Name, p => Word(p.Name), StringComparer.Ordinal),
            rows is null || report.DrillKeys.Count == 0 ? null : report.DrillKeys.ToDictionary(
                key => key, key => words.TryGetValue(MarkPrefix + key, out var values) ? values.ToString() : null, StringComparer.Ordinal),
            rows ?? 1,
            Word("sort") is { } sort && report.Columns.Any(c => c.Name == sort.TrimStart('-')) ? sort : null,
            report.TakesDays ? DaysChosen.Read(null, null, Word("last")).Last : null);

        string? Word(string name) => Url.Word(words, name);
    }

    /// <summary>The same question with one parameter set, or left to its default.</summary>
    public ReportQuery With(string parameter, string? value)
    {
        var parameters = new Dictionary<string, string?>(Parameters, StringComparer.Ordinal);
        if (string.IsNullOrEmpty(value))
        {
            parameters.Remove(parameter);
        }
        else
        {
            parameters[parameter] = value;
        }

        return this with { Parameters = parameters, Mark = null, Page = 1 };
    }

    /// <summary>The days it is about.</summary>
    public DaysChosen Days => DaysChosen.Read(Parameters.GetValueOrDefault("from"), Parameters.GetValueOrDefault("to"), Text(Last));

    /// <summary>The same question about other days.</summary>
    public ReportQuery About(DaysChosen days)
    {
        ArgumentNullException.ThrowIfNull(days);
        return With("from", DaysChosen.Text(days.From)).With("to", DaysChosen.Text(days.To)) with { Last = days.Last };
    }

    /// <summary>The same with words such as "last 7 days" put into days, of those there are.</summary>
    public ReportQuery Of(PlayDays? days) => Last is null || days is null ? this : About(Days.Of(days)) with { Mark = Mark, Page = Page };

    /// <summary>The address that shows this.</summary>
    public string ToUrl() =>
        Url.With($"/reports/{Uri.EscapeDataString(Report)}",
        [
            ("warehouse", Warehouse), .. Given.Where(g => Last is null || g.Name is not ("from" or "to")), ("last", Text(Last)),
            ("sort", Sort), .. Marked, ("rows", Mark is null ? null : Text(Page)),
        ]);

    /// <summary>All its rows as CSV, through the API.</summary>
    public string ToCsv() =>
        Url.With($"/api/v1/warehouses/{Warehouse}/reports/{Uri.EscapeDataString(Report)}", [.. Given, ("format", "csv")]);

    /// <summary>All rows behind the mark as CSV, through the API.</summary>
    public string ToMarkCsv() =>
        Url.With($"/api/v1/warehouses/{Warehouse}/reports/{Uri.EscapeDataString(Report)}/rows", [.. Given, .. Marked, ("format", "csv")]);

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<(string Name, string? Value)> Given => Parameters.Select(p => (p.Key, p.Value));

    private IEnumerable<(string Name, string? Value)> Marked => Mark?.Select(m => (MarkPrefix + m.Key, m.Value)) ?? [];
}
