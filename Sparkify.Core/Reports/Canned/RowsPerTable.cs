using Sparkify.Core.Star;

namespace Sparkify.Core.Reports.Canned;

internal sealed class RowsPerTable() : Report(
    new ReportInfo(
        "rows-per-table", ReportGroup.Arrival, "Rows per table", "How many rows does each table have?",
        "Nothing: the rows are counted now, not taken from what the load wrote down. Other than in most reports, an event that was read more than once counts each time, because staging_events has a row for each.",
        [],
        [new("table", "Table", ColumnFormat.Text), new("rows", "Rows", ColumnFormat.Count)],
        new(ChartKind.Bars, "table", ["rows"]), []))
{
    public override string Sql { get; } =
        $"""
        select name as "table", rows_there as rows
        from   ({string.Join("\n        union all ", StarSchema.Tables.OrderBy(static t => t.Role).Select(static (t, at) =>
            $"select {at} as place, '{t.Name}' as name, count(*) as rows_there from {t.Name}"))}) counted
        order  by place
        """;
}
