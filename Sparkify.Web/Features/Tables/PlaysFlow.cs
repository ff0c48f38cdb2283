using System.Globalization;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Features.Tables;

/// <summary>A quantity in the picture: a bar whose height is its number.</summary>
public sealed record FlowNode(string Name, string Class, long Count, double X, double Y, double Height);

/// <summary>What flows from one bar into another.</summary>
public sealed record FlowLink(string Class, string Path);

/// <summary>How event records become plays, as a picture: what is read on the left, what became of it further right.</summary>
public sealed class PlaysFlow
{
    /// <summary>How wide the drawing is.</summary>
    public const double Width = 640;

    /// <summary>How wide a bar is.</summary>
    public const double Bar = 10;

    private const double Full = 150;
    private const double Gap = 24;
    private const double Thinnest = 2;
    private const double Top = 16;
    private static readonly double[] Columns = [0, 140, 280, 430];
    private readonly List<FlowNode> _nodes = [];
    private readonly List<FlowLink> _links = [];
    private readonly double _scale;

    /// <summary>Draws the counts of one publish.</summary>
    public PlaysFlow(PlayCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        _scale = Full / Math.Max(counts.EventsRead, 1);
        var read = Place(new("Events read", "read", counts.EventsRead, Columns[0], Top, Tall(counts.EventsRead)));
        var staged = Split(
            read, Columns[1], ("Staged", "staged", counts.EventsStaged),
            ("Rejected", "rejected", counts.EventsRead - counts.EventsStaged))[0];
        var plays = Split(staged, Columns[2],
            ("Plays", "plays", counts.Plays), ("Repeated, counted once", "repeated", counts.RepeatedPlays),
            ("Other pages", "other", counts.OtherPages))[0];
        Split(
            plays, Columns[3], ("In the catalogue", "matched", counts.MatchedPlays),
            ("Not in the catalogue", "unmatched", counts.UnmatchedPlays));
        Height = _nodes.Max(static n => Math.Max(n.Y + n.Height, n.Count > 0 ? LabelOf(n) + Line : 0)) + 6;
    }

    /// <summary>How far below a bar's name its number stands.</summary>
    public const double Line = 15;

    /// <summary>Where a bar's name stands.</summary>
    public static double LabelOf(FlowNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Y + Math.Min(node.Height / 2, 18) + 4;
    }

    /// <summary>How tall the drawing is.</summary>
    public double Height { get; }

    /// <summary>The bars; those of nothing are left out.</summary>
    public IEnumerable<FlowNode> Nodes => _nodes.Where(n => n.Count > 0);

    /// <summary>What flows between them.</summary>
    public IReadOnlyList<FlowLink> Links => _links;

    private List<FlowNode> Split(FlowNode from, double x, params (string Name, string Class, long Count)[] parts)
    {
        List<FlowNode> made = [];
        var (leave, arrive) = (from.Y, Top);
        foreach (var (name, word, count) in parts)
        {
            var node = new FlowNode(name, word, count, x, arrive, Tall(count));
            made.Add(Place(node));
            if (count <= 0)
            {
                continue;
            }

            // Thin parts are drawn thicker than they are; on the bar they come from they must not stick out.
            var thick = Math.Min(node.Height, Math.Max(from.Y + from.Height - leave, 0.5));
            _links.Add(new FlowLink(word, Ribbon(from.X + Bar, leave, thick, x, arrive, node.Height)));
            leave += count * _scale;
            arrive += node.Height + Gap;
        }

        return made;
    }

    private FlowNode Place(FlowNode node)
    {
        _nodes.Add(node);
        return node;
    }

    private double Tall(long count) => count <= 0 ? 0 : Math.Max(count * _scale, Thinnest);

    private static string Ribbon(double x1, double y1, double h1, double x2, double y2, double h2)
    {
        var middle = (x1 + x2) / 2;
        return string.Create(CultureInfo.InvariantCulture,
            $"M{x1:0.#} {y1:0.#}C{middle:0.#} {y1:0.#} {middle:0.#} {y2:0.#} {x2:0.#} {y2:0.#}V{y2 + h2:0.#}C{middle:0.#} {y2 + h2:0.#} {middle:0.#} {y1 + h1:0.#} {x1:0.#} {y1 + h1:0.#}Z");
    }
}
