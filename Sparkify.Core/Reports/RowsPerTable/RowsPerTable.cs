namespace Sparkify.Core.Reports.RowsPerTable;

internal sealed class RowsPerTable() : Report(
    new ReportInfo(
        "rows-per-table", ReportGroup.Arrival, "Rows per table", "How many rows does each table have?",
        "Nothing: the rows are counted now, not taken from what the load wrote down.",
        [],
        [new("table", "Table", ColumnFormat.Text), new("rows", "Rows", ColumnFormat.Count)],
        new(ChartKind.Bars, "table", ["rows"]), []));
