using System.Runtime.InteropServices;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Where the parts of a SELECT are: indexes of its tokens, or -1 for a clause that it does not have.</summary>
/// <param name="At">Its SELECT.</param>
/// <param name="List">The first token of its list.</param>
/// <param name="ListEnd">The token behind its list.</param>
/// <param name="From">Its FROM.</param>
/// <param name="FromEnd">The token behind its tables.</param>
/// <param name="Qualify">Its QUALIFY.</param>
/// <param name="Tail">The first token of its ORDER BY or LIMIT, or its end.</param>
/// <param name="End">The token behind it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Select(int At, int List, int ListEnd, int From, int FromEnd, int Qualify, int Tail, int End);

/// <summary>Finds the SELECTs of a statement, and what their lists call things.</summary>
internal static class Selects
{
    private static readonly HashSet<string> Clauses = new(StringComparer.Ordinal)
    {
        "from", "into", "where", "group", "having", "qualify", "window", "order", "limit", "offset", "fetch", "for",
        "union", "except", "intersect", "minus",
    };

    private static readonly HashSet<string> NoAlias = new(Clauses, StringComparer.Ordinal)
    {
        "join", "left", "right", "inner", "full", "cross", "natural", "on", "using", "set", "when",
    };

    /// <summary>All of them, the outer before the inner.</summary>
    public static IEnumerable<Select> Of(SqlScript script)
    {
        for (var i = 0; i < script.Count; i++)
        {
            if (script[i].Is("select"))
            {
                yield return Read(script, i);
            }
        }
    }

    /// <summary>What an item of a list is called, and where that name begins; none when it is not given.</summary>
    public static (string Name, int ExpressionEnd)? Alias(SqlScript script, int from, int to)
    {
        var last = script[to - 1];
        if (to - from < 2 || !last.IsName)
        {
            return null;
        }

        var before = script[to - 2];
        if (before.Is("as"))
        {
            return (last.Value, to - 2);
        }

        var ends = before.Kind is TokenKind.Number or TokenKind.Text or TokenKind.Quoted || before.Is(")") || before.Is("end")
            || (before.Kind == TokenKind.Word && to - from == 2);
        return ends && !last.Is("end") ? (last.Value, to - 1) : null;
    }

    /// <summary>The subqueries in a FROM that have no name.</summary>
    public static IEnumerable<int> WithoutAlias(SqlScript script, int from, int to)
    {
        var expected = true;
        for (var i = from; i < to; i++)
        {
            if (script[i].Is("("))
            {
                var close = script.Close(i);
                if (expected && IsQuery(script, i, close))
                {
                    if (!script[close + 1].IsName || close + 1 >= to || NoAlias.Contains(script[close + 1].Value))
                    {
                        yield return close;
                    }
                }
                else if (expected)
                {
                    foreach (var inner in WithoutAlias(script, i + 1, close))
                    {
                        yield return inner;
                    }
                }

                i = close;
                expected = false;
                continue;
            }

            expected = script[i].Is(",") || script[i].Is("join");
        }
    }

    /// <summary>Whether parentheses hold a query and not a join.</summary>
    private static bool IsQuery(SqlScript script, int open, int close)
    {
        if (!script[open + 1].Is("("))
        {
            return script[open + 1].Value is "select" or "with";
        }

        var inner = script.Close(open + 1);
        return IsQuery(script, open + 1, inner)
            && (inner + 1 == close || script[inner + 1].Value is "union" or "except" or "intersect" or "minus");
    }

    private static Select Read(SqlScript script, int at)
    {
        var list = at + 1;
        if (script[list].Value is "distinct" or "all" && script[list].Kind == TokenKind.Word)
        {
            list++;
        }

        var (listEnd, from, fromEnd, qualify, tail, i) = (-1, -1, -1, -1, -1, list);
        for (; i < script.Count; i++)
        {
            if (script[i].Is("("))
            {
                i = script.Close(i);
                continue;
            }

            if (script[i].Is(")"))
            {
                break;
            }

            if (script[i].Kind != TokenKind.Word || !Clauses.Contains(script[i].Value) || script[i - 1].Is(".") || script[i - 1].Is("as")
                || (script[i].Is("from") && script[i - 1].Is("distinct")))
            {
                continue;
            }

            listEnd = listEnd < 0 ? i : listEnd;
            fromEnd = from >= 0 && fromEnd < 0 ? i : fromEnd;
            switch (script[i].Value)
            {
                case "from":
                    from = i;
                    break;
                case "qualify":
                    qualify = i;
                    break;
                case "order" or "limit" or "offset" or "fetch":
                    tail = tail < 0 ? i : tail;
                    break;
                case "union" or "except" or "intersect" or "minus":
                    return new Select(at, list, listEnd, from, fromEnd, qualify, tail < 0 ? i : tail, i);
            }
        }

        return new Select(
            at, list, listEnd < 0 ? i : listEnd, from, from >= 0 && fromEnd < 0 ? i : fromEnd, qualify, tail < 0 ? i : tail, i);
    }
}
