using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Common;

namespace Sparkify.Core.Reports;

/// <summary>The rows behind one mark of a report, as SQL with the mark's values bound as parameters.</summary>
internal sealed class ReportDrill
{
    private readonly Report _report;
    private readonly string _where;
    private readonly List<NpgsqlParameter> _values = [];

    public ReportDrill(Report report, IReadOnlyDictionary<string, string?> mark)
    {
        _report = report;
        if (report.Drill.Count == 0)
        {
            throw SparkifyException.Invalid($"The report '{report.Info.Id}' has no rows behind its marks.");
        }

        var keys = report.Info.DrillKeys;
        if (mark.Keys.FirstOrDefault(name => !keys.Contains(name)) is { } unknown)
        {
            throw SparkifyException.Invalid($"A mark of '{report.Info.Id}' is named by {string.Join(" and ", keys)}, not by '{unknown}'.");
        }

        List<string> conditions = [];
        foreach (var (column, expression) in report.Drill)
        {
            if (mark.GetValueOrDefault(column) is not { } text)
            {
                conditions.Add($"{expression} is null");
                continue;
            }

            conditions.Add($"{expression} = @mark_{column}");
            _values.Add(Parameter(report.Info.Columns.First(c => c.Name == column), text));
        }

        _where = string.Join("\n   and ", conditions);
    }

    /// <summary>How many rows there are.</summary>
    public string CountSql => $"select count(*) from (\n{_report.RowsSql}\n) r\nwhere {_where}";

    /// <summary>All of them, in order.</summary>
    public string AllSql =>
        $"select {string.Join(", ", _report.RowColumns.Select(c => $"r.{c.Name}"))} from (\n{_report.RowsSql}\n) r\nwhere {_where}\norder by {_report.RowOrder}";

    /// <summary>One page of them.</summary>
    public string PageSql => $"{AllSql}\nlimit @limit offset @offset";

    public void Bind(NpgsqlCommand command)
    {
        foreach (var value in _values)
        {
            command.Parameters.Add(value.Clone());
        }
    }

    private static NpgsqlParameter Parameter(ReportColumn column, string text)
    {
        var name = $"mark_{column.Name}";
        switch (column.Format)
        {
            case ColumnFormat.Text:
                return new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = text };
            case ColumnFormat.Day when DateTime.TryParseExact(
                text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day):
                return new NpgsqlParameter(name, NpgsqlDbType.Timestamp) { Value = day };
            case ColumnFormat.Ordinal or ColumnFormat.Weekday when int.TryParse(
                text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                return new NpgsqlParameter(name, NpgsqlDbType.Integer) { Value = number };
            default:
                throw SparkifyException.Invalid($"'{text}' cannot be the {column.Title.ToLowerInvariant()} of a mark.");
        }
    }
}
