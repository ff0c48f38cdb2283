using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Web.Features.Query;

/// <summary>The rows of a result that are kept, in the order a person wants to see them.</summary>
public sealed class ResultRows(IQueryRun run, IReadOnlyList<QueryColumn> columns)
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int[]? _order;

    /// <summary>The columns.</summary>
    public IReadOnlyList<QueryColumn> Columns => columns;

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>The column they are sorted by; none as they came.</summary>
    public int? By { get; private set; }

    /// <summary>Whether the greatest comes first.</summary>
    public bool Descending { get; private set; }

    /// <summary>Takes note that more have come.</summary>
    public void Grow(int count)
    {
        if (count != Count)
        {
            Count = count;
            Sort();
        }
    }

    /// <summary>A click on a column: numbers first from the greatest, texts from A; then the other way; then as they came.</summary>
    public void Turn(int column)
    {
        var first = columns[column].Numeric;
        (By, Descending) = By != column ? (column, first) : Descending == first ? (column, !first) : ((int?)null, false);
        Sort();
    }

    /// <summary>A row by its place, with its number among those that came.</summary>
    public (int Number, IReadOnlyList<string?> Cells) this[int at]
    {
        get
        {
            var number = _order is null ? at : _order[at];
            // A run that was let go in this moment has none any more.
            return (number + 1, run.Rows(number, 1) is [var cells] ? cells : []);
        }
    }

    /// <summary>All of them.</summary>
    public IEnumerable<IReadOnlyList<string?>> All() => Enumerable.Range(0, Count).Select(at => this[at].Cells);

    /// <summary>As CSV for programs.</summary>
    public string Csv()
    {
        StringBuilder text = new();
        foreach (var row in All().Prepend([.. columns.Select(static c => c.Name)]))
        {
            text.AppendJoin(',', row.Select(Quoted)).Append("\r\n");
        }

        return text.ToString();
    }

    /// <summary>As JSON: an object a row. A second column of one name gets a number.</summary>
    public string Json()
    {
        List<string> names = [];
        foreach (var column in columns)
        {
            names.Add(Enumerable.Range(1, columns.Count).Select(n => n == 1 ? column.Name : $"{column.Name}_{n}")
                .First(n => !names.Contains(n)));
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartArray();
            foreach (var row in All())
            {
                json.WriteStartObject();
                for (var at = 0; at < columns.Count; at++)
                {
                    json.WritePropertyName(names[at]);
                    Write(json, row[at], columns[at]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The number in a cell; none where there is none.</summary>
    public static double? Number(string? cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Write(Utf8JsonWriter json, string? cell, QueryColumn column)
    {
        if (cell is null)
        {
            json.WriteNullValue();
        }
        else if (column.Numeric && Number(cell) is { } number && double.IsFinite(number))
        {
            json.WriteRawValue(cell); // with every digit it came with
        }
        else if (column.Type == "boolean")
        {
            json.WriteBooleanValue(cell == "t");
        }
        else
        {
            json.WriteStringValue(cell);
        }
    }

    private static string? Quoted(string? cell) =>
        cell?.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    // What has no value comes last either way.
    private void Sort()
    {
        if (By is not { } by)
        {
            _order = null;
            return;
        }

        var cells = run.Rows(0, Count).Select(row => row[by]).ToArray();
        var order = Enumerable.Range(0, cells.Length).OrderBy(n => cells[n] is null);
        _order = (columns[by].Numeric, Descending) switch
        {
            (true, true) => [.. order.ThenByDescending(n => Number(cells[n]))],
            (true, false) => [.. order.ThenBy(n => Number(cells[n]))],
            (false, true) => [.. order.ThenByDescending(n => cells[n], StringComparer.OrdinalIgnoreCase)],
            (false, false) => [.. order.ThenBy(n => cells[n], StringComparer.OrdinalIgnoreCase)],
        };
    }
}
