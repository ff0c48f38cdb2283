using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Schema;

/// <summary>A table in the diagram.</summary>
/// <param name="Table">The table.</param>
/// <param name="X">Where its left edge is.</param>
/// <param name="Y">Where its upper edge is.</param>
/// <param name="Width">How wide it is drawn.</param>
public sealed record TableBox(TableInfo Table, double X, double Y, double Width)
{
    private const double Narrowest = 208;

    /// <summary>How tall its heading is.</summary>
    public const double Head = 38;

    /// <summary>How tall a column's line is.</summary>
    public const double Line = 19;

    /// <summary>How tall it is drawn.</summary>
    public double Height => Head + (Table.Columns.Count * Line) + 6 + (Table.Distribution is null ? 0 : Line);

    /// <summary>What its heading says besides the name.</summary>
    public static string Note(TableInfo table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Rows is { } rows ? Format.Count(rows, "row") : Format.Slug(table.Role);
    }

    /// <summary>A type in the words of the diagram.</summary>
    public static string Short(string type) => type == "double precision" ? "double" : type;

    /// <summary>How a cluster lays out its rows; none for a local table.</summary>
    public static string? Layout(TableInfo table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table is { Distribution: { } rows, SortKey: { } sort } ? $"{rows}; sorted by {sort}" : table.Distribution;
    }

    /// <summary>How wide a table must be for all its texts: by the letters usual in each of their sizes, as no browser is asked.</summary>
    public static double WidthOf(TableInfo table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var heading = 32 + (table.Table.Length * 8.2) + (Note(table).Length * 6.2);
        var columns = table.Columns.Max(static c => 48 + (c.Name.Length * 7.1) + (Short(c.Type).Length * 6.2));
        return Math.Ceiling(Math.Max(Math.Max(Narrowest, heading), Math.Max(columns, 20 + ((Layout(table)?.Length ?? 0) * 5.8))));
    }

    /// <summary>Where the line of a column is.</summary>
    public double LineOf(string column) => Y + Head + ((Table.Columns.Select(c => c.Name).ToList().IndexOf(column) + 0.5) * Line);
}

/// <summary>A reference in the diagram: many rows of one table point to one row of another.</summary>
public sealed record TableLink(
    string From, string Column, string To, string Path, double X1, double Y1, double X2, double Y2, int Way, bool Beside);

/// <summary>The star, laid out: dimensions around the fact, then the staging tables.</summary>
public sealed class StarDiagram
{
    private const double GapX = 50;
    private const double GapY = 26;
    private const double Around = 30;
    private readonly Dictionary<string, TableBox> _boxes = new(StringComparer.Ordinal);

    /// <summary>Lays out the tables there are.</summary>
    public StarDiagram(IReadOnlyList<TableInfo> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        // In the order in which the fact points to them, so that no line crosses another where that can be.
        var facts = tables.Where(static t => t.Role == TableRole.Fact).ToList();
        var pointers = facts.SelectMany(static t => t.Columns).Select(static c => c.References).ToList();
        var dimensions = tables.Where(static t => t.Role == TableRole.Dimension).OrderBy(t => pointers.IndexOf(t.Table)).ToList();
        // Dimensions that point to one another stand together, so that their line crosses nothing.
        var linked = dimensions.Where(d => PointsInto(d, dimensions) || dimensions.Exists(other => PointsInto(other, [d]))).ToList();
        List<TableInfo>[] columns =
        [
            [.. dimensions.Except(linked)],
            facts,
            linked,
            .. tables.Where(static t => t.Role == TableRole.Staging).Select(static t => new List<TableInfo> { t }),
        ];
        var stacks = columns.Where(static stack => stack.Count > 0).ToList();
        Height = stacks.Count == 0 ? 0 : stacks.Max(Tall);
        var x = 0d;
        foreach (var stack in stacks)
        {
            var width = stack.Max(TableBox.WidthOf);
            var y = (Height - Tall(stack)) / 2;
            foreach (var table in stack)
            {
                var box = _boxes[table.Table] = new TableBox(table, x, y, width);
                y += box.Height + GapY;
            }

            x += width + GapX;
        }

        Links = [.. _boxes.Values.SelectMany(LinksOf)];
        // A line between two tables of the last stack goes around their right edge.
        Width = Math.Max(x - GapX, Links.Select(l => Math.Max(l.X1, l.X2) + (l.Beside ? 0 : Around))
            .DefaultIfEmpty().Max());
    }

    /// <summary>How wide the drawing is.</summary>
    public double Width { get; }

    /// <summary>How tall the drawing is.</summary>
    public double Height { get; }

    /// <summary>The tables.</summary>
    public IEnumerable<TableBox> Boxes => _boxes.Values;

    /// <summary>The references between them.</summary>
    public IReadOnlyList<TableLink> Links { get; }

    private static bool PointsInto(TableInfo table, List<TableInfo> others) =>
        table.Columns.Any(c => others.Exists(o => o != table && o.Table == c.References));

    private static double Tall(List<TableInfo> stack) => stack.Sum(t => new TableBox(t, 0, 0, 0).Height) + ((stack.Count - 1) * GapY);

    private IEnumerable<TableLink> LinksOf(TableBox from)
    {
        foreach (var column in from.Table.Columns)
        {
            if (column.References is not { } name || !_boxes.TryGetValue(name, out var to))
            {
                continue;
            }

            var key = to.Table.Columns.FirstOrDefault(c => c.Key)?.Name ?? to.Table.Columns[0].Name;
            var (y1, y2) = (from.LineOf(column.Name), to.LineOf(key));
            // Tables above one another are joined around their right edge, others across the gap between them.
            var beside = Math.Abs(from.X - to.X) > 1;
            var right = !beside || to.X > from.X;
            var x1 = right ? from.X + from.Width : from.X;
            var x2 = !beside || !right ? to.X + to.Width : to.X;
            var bend = beside ? (x2 - x1) / 2 : Around;
            var path = string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"M{x1:0.#} {y1:0.#}C{x1 + bend:0.#} {y1:0.#} {(beside ? x2 - bend : x2 + bend):0.#} {y2:0.#} {x2:0.#} {y2:0.#}");
            yield return new TableLink(from.Table.Table, column.Name, name, path, x1, y1, x2, y2, right ? 1 : -1, beside);
        }
    }
}
