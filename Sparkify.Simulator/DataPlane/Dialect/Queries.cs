using System.Globalization;
using System.Text;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Forms of a query that Redshift has and the server behind lacks: TOP, QUALIFY, MINUS, subqueries without a name.</summary>
internal static class Queries
{
    /// <summary>
    /// Rewrites them. QUALIFY is done first, as a text that the rest is done to: what it says, with the query around it.
    /// </summary>
    public static void Rewrite(SqlScript script)
    {
        foreach (var select in Selects.Of(script))
        {
            Top(script, select);
            if (select.From >= 0)
            {
                foreach (var close in Selects.WithoutAlias(script, select.From + 1, select.FromEnd))
                {
                    script.InsertAfter(close, $" as sim_from_{close.ToString(CultureInfo.InvariantCulture)}");
                }
            }
        }

        for (var i = 1; i < script.Count; i++)
        {
            if (script[i].Is("minus") && (script[i + 1].Is("select") || script.Has(i + 1, "(", "select")))
            {
                script.Replace(i, i + 1, "except");
            }
        }
    }

    /// <summary>The text of a statement without its last QUALIFY; none when it has none.</summary>
    public static string? WithoutQualify(SqlScript script)
    {
        if (Selects.Of(script).Where(static s => s.Qualify >= 0).Select(static s => (Select?)s).LastOrDefault() is not { } select)
        {
            return null;
        }

        var condition = select.Qualify + 1;
        if (condition >= select.Tail || select.From < 0)
        {
            throw script.SyntaxError(select.Qualify);
        }

        // The columns of the inner query are counted, so that what they are called there may be what it likes.
        List<string> inner = [], outer = [];
        foreach (var (from, to) in script.Items(select.List, select.ListEnd))
        {
            if (script[to - 1].Is("*") && (to - from == 1 || script[to - 2].Is(".")))
            {
                foreach (var table in to - from == 1 ? Tables(script, select) : [script.Raw(from, to - 2)])
                {
                    outer.Add($"(sim_qualified.sim_{inner.Count}).*");
                    inner.Add(table);
                }

                continue;
            }

            var name = Selects.Alias(script, from, to)?.Name
                ?? (script[to - 1].IsName ? script[to - 1].Value : script[from].IsName ? script[from].Value : "?column?");
            outer.Add($"sim_qualified.sim_{inner.Count} as {ClusterDatabase.Quote(name)}");
            inner.Add(script.Raw(from, to));
        }

        var text = new StringBuilder()
            .Append(script.Raw(0, select.At)).Append(" select ").Append(script[select.At + 1].Is("distinct") ? "distinct " : "")
            .AppendJoin(", ", outer);
        if (script[select.ListEnd].Is("into"))
        {
            text.Append(' ').Append(script.Raw(select.ListEnd, select.From));
        }

        text.Append(" from (select ").AppendJoin(", ", inner)
            .Append(", (").Append(script.Raw(condition, select.Tail)).Append(") ").Append(script.Raw(select.From, select.Qualify))
            .Append(") sim_qualified (").AppendJoin(", ", Enumerable.Range(0, inner.Count).Select(static n => $"sim_{n}"))
            .Append(", sim_kept) where sim_qualified.sim_kept ").Append(script.Raw(select.Tail, script.Count));
        return text.ToString();
    }

    /// <summary>What the tables of a FROM are called.</summary>
    private static List<string> Tables(SqlScript script, Select select)
    {
        List<string> tables = [];
        var expected = true;
        for (var i = select.From + 1; i < select.FromEnd; i++)
        {
            if (script[i].Value is "using" or "natural" && script[i].Kind == TokenKind.Word)
            {
                throw Redshift.NotSupported("SELECT * with QUALIFY over a join with USING in the simulator: name the columns. It");
            }

            if (!expected)
            {
                i = script[i].Is("(") ? script.Close(i) : i;
                expected = script[i].Is(",") || script[i].Is("join");
                continue;
            }

            var end = i;
            if (script[i].Is("("))
            {
                end = script.Close(i);
            }
            else
            {
                while (script[end + 1].Is("."))
                {
                    end += 2;
                }
            }

            var alias = script[end + 1].Is("as") ? end + 2 : end + 1;
            var named = alias < select.FromEnd && script[alias].IsName && !IsJoin(script[alias].Value);
            tables.Add(named ? script.Raw(alias, alias + 1) : script[end].IsName ? script.Raw(end, end + 1)
                : throw Redshift.NotSupported("SELECT * with QUALIFY over a subquery without a name in the simulator: name it. It"));
            (i, expected) = (named ? alias : end, false);
        }

        return tables;
    }

    private static bool IsJoin(string word) => word is "join" or "left" or "right" or "inner" or "full" or "cross" or "on";

    private static void Top(SqlScript script, Select select)
    {
        if (!script[select.List].Is("top") || (script[select.List + 1].Kind is not (TokenKind.Number or TokenKind.Parameter)
            && !script[select.List + 1].Is("(")))
        {
            return;
        }

        if (script[select.End].Value is "union" or "except" or "intersect" or "minus")
        {
            throw new SqlErrorException("0A000", "TOP in one branch of a UNION is not supported in the simulator: put the branch in parentheses.");
        }

        var end = script[select.List + 1].Is("(") ? script.Close(select.List + 1) + 1 : select.List + 2;
        var most = script.Raw(select.List + 1, end);
        script.Remove(select.List, end);
        script.InsertAfter(select.End - 1, $" limit {most}");
    }
}
