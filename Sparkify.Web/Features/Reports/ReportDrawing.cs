using Sparkify.Core.Reports;
using Sparkify.Web.Features.Reports.Charts;

namespace Sparkify.Web.Features.Reports;

/// <summary>
/// An answer, and what is drawn of it: the same, or the same question in wider steps of time where there are more points than there is
/// room for.
/// </summary>
/// <param name="Result">The answer.</param>
/// <param name="Drawn">What the drawing shows.</param>
internal sealed record ReportDrawing(ReportResult Result, ReportResult Drawn)
{
    /// <summary>Asks, and asks again in wider steps as far as the drawing needs it.</summary>
    /// <param name="reports">Who answers.</param>
    /// <param name="warehouse">Where.</param>
    /// <param name="asked">The question.</param>
    /// <param name="ct">Ends it.</param>
    /// <param name="fresh">Computes it in any case.</param>
    public static async Task<ReportDrawing> ReadAsync(
        IReports reports, string warehouse, ReportQuery asked, CancellationToken ct, bool fresh = false)
    {
        var result = await reports.RunAsync(warehouse, asked.Report, asked.Parameters, ct, fresh);
        var drawn = result;
        // Wider steps are asked for, not added up: people of several days, and shares, are no sums.
        foreach (var per in Draws(result) ? TimeStep.Wider(result) : [])
        {
            if (!ChartModel.Of(drawn, static _ => null).IsCrowded)
            {
                break;
            }

            drawn = await reports.RunAsync(warehouse, asked.Report, asked.With("per", per).Parameters, ct, fresh);
        }

        return new ReportDrawing(result, drawn);
    }

    /// <summary>The chart; none where there are no rows, or a table says it best.</summary>
    /// <param name="asked">The question: what a mark leads to is asked the same way.</param>
    public ChartModel? Chart(ReportQuery asked)
    {
        if (!Draws(Drawn))
        {
            return null;
        }

        if (ReferenceEquals(Drawn, Result))
        {
            return ChartModel.Of(Drawn, row => Href(asked, row));
        }

        // A mark leads to its rows in the steps it was drawn in.
        var (wide, narrow) = (TimeStep.Asked(Drawn)!, TimeStep.Asked(Result)!);
        var chart = ChartModel.Of(Drawn, row => Href(asked.With("per", wide), row));
        return chart with
        {
            Notes = [$"Drawn by {wide}: by {narrow} there are more points than there is room for. The CSV has every {narrow}.", .. chart.Notes],
        };
    }

    private string? Href(ReportQuery query, IReadOnlyList<object?> row) =>
        Result.Report.DrillKeys.Count == 0 ? null : (query with { Mark = Drawn.Mark(row), Page = 1 }).ToUrl();

    private static bool Draws(ReportResult result) => result.Rows.Count > 0 && result.Report.Chart.Kind != ChartKind.Table;
}
