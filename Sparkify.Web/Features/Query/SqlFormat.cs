using System.Text;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Web.Features.Query;

/// <summary>
/// Lays SQL out: a clause a line, a long list an item a line, a long subquery indented. Only blanks and line ends change; case, and whether
/// there is a blank around a sign, are the writer's own.
/// </summary>
public static class SqlFormat
{
    private const int Wide = 96;
    private const int WideInside = 64;

    private static readonly HashSet<string> Clauses = new(StringComparer.OrdinalIgnoreCase)
    {
        "select", "from", "where", "having", "limit", "offset", "fetch", "window", "union", "intersect", "except", "values",
    };

    private static readonly HashSet<string> Sides = new(StringComparer.OrdinalIgnoreCase)
    {
        "left", "right", "full", "inner", "cross", "natural", "outer",
    };

    /// <summary>The text laid out, statement by statement.</summary>
    public static string Of(string sql)
    {
        var nodes = new Queue<Node>(Nodes(sql));
        List<string> statements = [];
        while (nodes.Count > 0)
        {
            List<Node> one = [];
            while (nodes.TryDequeue(out var node) && !node.Is(";"))
            {
                one.Add(node);
            }

            statements.Add(Query(one, 0) + (sql.TrimEnd().EndsWith(';') || nodes.Count > 0 ? ";" : ""));
        }

        var laid = string.Join("\n\n", statements);
        // Whatever comes, no word is lost.
        return Said(laid).SequenceEqual(Said(sql)) ? laid : sql;
    }

    private static IEnumerable<string> Said(string sql) => SqlPieces.Of(sql)
        .Where(static p => p.Kind != SqlKind.Space).Select(p => sql[p.Start..p.End].TrimEnd());

    private static List<Node> Nodes(string sql)
    {
        Stack<(Node? Opened, List<Node> Inside)> open = new([(null, [])]);
        var (blank, line) = (false, true);
        foreach (var piece in SqlPieces.Of(sql))
        {
            var text = sql[piece.Start..piece.End];
            if (piece.Kind == SqlKind.Space)
            {
                (blank, line) = (true, line || text.Contains('\n', StringComparison.Ordinal));
                continue;
            }

            var node = new Node(text.TrimEnd(), piece.Kind, blank, line);
            (blank, line) = (false, false);
            if (node.Is("("))
            {
                open.Push((node, []));
            }
            else if (node.Is(")") && open.Count > 1)
            {
                var (opened, inside) = open.Pop();
                open.Peek().Inside.Add(opened! with { Inside = inside });
            }
            else
            {
                open.Peek().Inside.Add(node);
            }
        }

        while (open.Count > 1)
        {
            var (opened, inside) = open.Pop();
            open.Peek().Inside.AddRange([opened!, .. inside]);
        }

        return open.Pop().Inside;
    }

    private static string Query(List<Node> nodes, int indent)
    {
        var pad = new string(' ', indent);
        StringBuilder text = new();
        foreach (var clause in Parts(nodes, (all, at) => HeadLength(all, at) > 0 || CommentBefore(all, at)))
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(pad).Append(Clause(clause, indent));
        }

        return text.ToString();
    }

    private static string Clause(List<Node> nodes, int indent)
    {
        var flat = Piece(nodes, indent, breaks: false);
        if (indent + flat.Length <= Wide && !flat.Contains('\n', StringComparison.Ordinal))
        {
            return flat;
        }

        var logical = nodes[0].Is("where") || nodes[0].Is("having") || nodes.Exists(static n => n.Is("join"));
        var deeper = logical ? indent + 2 : indent + nodes[0].Text.Length + 1;
        var parts = logical ? Parts(nodes, Connects) : Parts(nodes, static (all, at) => at > 0 && all[at - 1].Is(","));
        StringBuilder text = new();
        foreach (var part in parts)
        {
            // What stands behind a comma in its line is about what stands before it.
            var behind = text.Length > 0 && part[0] is { Kind: SqlKind.Comment, OwnLine: false };
            if (behind)
            {
                text.Append(' ').Append(part[0].Text);
                part.RemoveAt(0);
            }

            text.Append(text.Length > 0 && part.Count > 0 ? "\n" + new string(' ', deeper) : "")
                .Append(Piece(part, deeper, breaks: true));
        }

        return text.ToString();
    }

    private static string Piece(List<Node> nodes, int indent, bool breaks)
    {
        var pad = "\n" + new string(' ', indent);
        StringBuilder text = new();
        for (var at = 0; at < nodes.Count; at++)
        {
            var (node, before) = (nodes[at], at > 0 ? nodes[at - 1] : null);
            if (before is { Kind: SqlKind.Comment } && before.Text.StartsWith("--", StringComparison.Ordinal))
            {
                text.Append(pad);
            }
            else if (before is not null && !node.Is(",") && (node.Spaced || before.Is(",")))
            {
                text.Append(' ');
            }

            text.Append(node.Inside is { } inside ? Group(inside, indent, breaks) : node.Text);
        }

        // A comment to the end of the line takes what follows along with it.
        return nodes is [.., { Kind: SqlKind.Comment } last] && last.Text.StartsWith("--", StringComparison.Ordinal) && !breaks
            && indent > 0
            ? text.Append(pad).ToString() : text.ToString();
    }

    private static string Group(List<Node> inside, int indent, bool breaks)
    {
        var flat = Piece(inside, indent + 1, breaks: false);
        return breaks && inside.Count > 0 && (inside[0].Is("select") || inside[0].Is("with"))
            && (flat.Length > WideInside || flat.Contains('\n', StringComparison.Ordinal))
            ? $"(\n{Query(inside, indent + 2)}\n{new string(' ', indent)})"
            : $"({flat})";
    }

    private static IEnumerable<List<Node>> Parts(List<Node> nodes, Func<List<Node>, int, bool> begins)
    {
        List<Node> part = [];
        var head = 0;
        for (var at = 0; at < nodes.Count; at++)
        {
            if (part.Count > 0 && at >= head && begins(nodes, at))
            {
                yield return part;
                part = [];
            }

            head = Math.Max(head, at + HeadLength(nodes, at));
            part.Add(nodes[at]);
        }

        if (part.Count > 0)
        {
            yield return part;
        }
    }

    // How many words a clause that begins here begins with; 0 where none does.
    private static int HeadLength(List<Node> nodes, int at)
    {
        if (nodes[at].Kind != SqlKind.Word || nodes.ElementAtOrDefault(at - 1) is { } before && (before.Is(".") || before.Is("as")))
        {
            return 0;
        }

        var next = nodes.ElementAtOrDefault(at + 1);
        if ((nodes[at].Is("group") || nodes[at].Is("order")) && next?.Is("by") == true)
        {
            return 2;
        }

        var words = at;
        while (words < nodes.Count && Sides.Contains(nodes[words].Text))
        {
            words++;
        }

        if (nodes.ElementAtOrDefault(words)?.Is("join") == true)
        {
            return words - at + 1;
        }

        var distinct = nodes[at].Is("from") && at > 1 && nodes[at - 1].Is("distinct") && !nodes[at - 2].Is("select");
        return Clauses.Contains(nodes[at].Text) && !distinct ? 1 : 0;
    }

    // A comment in a line of its own belongs to the clause that follows.
    private static bool CommentBefore(List<Node> nodes, int at) =>
        nodes[at] is { Kind: SqlKind.Comment, OwnLine: true } && nodes.FindIndex(at, static n => n.Kind != SqlKind.Comment) is var next
        && (next < 0 || HeadLength(nodes, next) > 0);

    private static bool Connects(List<Node> nodes, int at)
    {
        if (!nodes[at].Is("and") && !nodes[at].Is("or"))
        {
            return false;
        }

        // Not that of BETWEEN, nor one within a CASE.
        var (cases, between) = (0, false);
        foreach (var node in nodes.Take(at))
        {
            cases += node.Is("case") ? 1 : node.Is("end") ? -1 : 0;
            between = node.Is("between") || (between && !node.Is("and"));
        }

        return cases == 0 && !between;
    }

    private sealed record Node(string Text, SqlKind Kind, bool Spaced, bool OwnLine, List<Node>? Inside = null)
    {
        public bool Is(string word) => Inside is null && Kind is SqlKind.Word or SqlKind.Sign
            && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
    }
}
