using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Functions and words that need more than a function of the same name in the database.</summary>
internal static class Functions
{
    /// <summary>Rewrites them from the end to the start, so that what stands in a call's arguments is done before the call.</summary>
    public static void Rewrite(SqlScript script)
    {
        for (var i = script.Count - 1; i >= 0; i--)
        {
            if (script[i].Kind != TokenKind.Word)
            {
                continue;
            }

            if (script[i + 1].Is("("))
            {
                Call(script, i);
            }
            else
            {
                Word(script, i);
            }
        }
    }

    private static void Word(SqlScript script, int i)
    {
        switch (script[i].Value)
        {
            case "sysdate" when !script[i - 1].Is("."):
                script.Replace(i, i + 1, "getdate()");
                break;
            case "current_user" or "session_user" or "user" when !script[i - 1].Is(".") && script.Word == "select" && !script[i - 1].Is("as"):
                script.Replace(i, i + 1, "sim_internal.\"current_user\"()");
                break;
            case "approximate" when script[i + 1].Is("count"):
                script.Remove(i, i + 1);
                break;
            case "datetime" or "smalldatetime" when script[i - 1].Is("::") || (script[i - 1].Is("as") && script[i + 1].Is(")")):
                script.Replace(i, i + 1, "timestamp");
                break;
        }
    }

    private static void Call(SqlScript script, int i)
    {
        switch (script[i].Value)
        {
            case "nvl" or "isnull":
                script.Replace(i, i + 1, "coalesce");
                break;
            case "nvl2":
                Rewrite(script, i, 3, static a => $"case when ({a[0]}) is not null then {a[1]} else {a[2]} end");
                break;
            case "decode":
                Decode(script, i);
                break;
            case "convert":
                Rewrite(script, i, 2, static a => $"cast({a[1]} as {(a[0].ToLowerInvariant() is "datetime" ? "timestamp" : a[0])})");
                break;
            case "dateadd" or "datediff" or "date_part" or "date_trunc" when script[i + 3].Is(",")
                && (script[i + 2].IsName || script[i + 2].Kind == TokenKind.Text):
                DatePart(script, i);
                break;
            // What the parser of Redshift makes of the two: views and programs that were written down by it call them so.
            case "date_add" or "date_diff" when script[i + 2].Kind == TokenKind.Text:
                script.Replace(i, i + 1, script[i].Value.Replace("_", "", StringComparison.Ordinal));
                DatePart(script, i);
                break;
            case "extract" when script[i + 3].Is("from"):
                Extract(script, i);
                break;
            case "listagg":
                ListAgg(script, i);
                break;
            case "ratio_to_report":
                RatioToReport(script, i);
                break;
            case "json_extract_path_text" or "json_extract_array_element_text" or "json_array_length":
                NullIfInvalid(script, i);
                break;
            case "varchar" when script[i + 2].Is("max"):
                script.Replace(i + 2, i + 3, "65535");
                break;
        }
    }

    /// <summary>Puts another expression in a call's place, made of its arguments.</summary>
    private static void Rewrite(SqlScript script, int at, int arguments, Func<IReadOnlyList<string>, string> write)
    {
        var close = script.Close(at + 1);
        List<string> given = [.. script.Items(at + 2, close).Select(a => script.Take(a.From, a.To))];
        script.Replace(at, close + 1, given.Count == arguments
            ? write(given)
            : throw new SqlErrorException(Redshift.NoFunction(script[at].Value)));
    }

    /// <summary><c>DECODE(x, a, b, …, otherwise)</c>, to which a NULL is like another.</summary>
    private static void Decode(SqlScript script, int at)
    {
        var close = script.Close(at + 1);
        List<string> given = [.. script.Items(at + 2, close).Select(a => script.Take(a.From, a.To))];
        if (given.Count < 3)
        {
            throw new SqlErrorException(Redshift.NoFunction("decode"));
        }

        var cases = Enumerable.Range(0, (given.Count - 1) / 2)
            .Select(n => $"when ({given[0]}) is not distinct from ({given[(2 * n) + 1]}) then {given[(2 * n) + 2]}");
        script.Replace(at, close + 1, $"case {string.Join(' ', cases)}{(given.Count % 2 == 0 ? $" else {given[^1]}" : "")} end");
    }

    private static void DatePart(SqlScript script, int at)
    {
        var part = DateParts.Literal(script, at + 2);
        script.Replace(at + 2, at + 3, part);
        if (script[at].Is("date_part") && part is "'milliseconds'" or "'microseconds'")
        {
            script.Replace(at, at + 1, "sim_internal.date_part");
        }
    }

    /// <summary><c>EXTRACT(part FROM x)</c>, an integer.</summary>
    private static void Extract(SqlScript script, int at)
    {
        var close = script.Close(at + 1);
        var part = DateParts.Literal(script, at + 2);
        script.Replace(at, at + 4, $"sim_internal.date_part({part}, ");
        if (part == "'epoch'")
        {
            script.InsertAfter(close - 1, ", true");
        }
    }

    /// <summary><c>LISTAGG(x, ',') WITHIN GROUP (ORDER BY y)</c>.</summary>
    private static void ListAgg(SqlScript script, int at)
    {
        var close = script.Close(at + 1);
        var items = script.Items(at + 2, close).ToList();
        if (items.Count == 0)
        {
            throw new SqlErrorException(Redshift.NoFunction("listagg"));
        }

        if (script[items[0].From].Is("distinct"))
        {
            ListAggDistinct(script, at, items);
            return;
        }

        script.InsertAfter(items[0].To - 1, ")::varchar");
        script.InsertBefore(items[0].From, "(");
        if (items.Count == 1)
        {
            script.InsertAfter(items[0].To - 1, ", ''");
        }

        if (!script.Has(close + 1, "within", "group", "("))
        {
            return;
        }

        var end = script.Close(close + 3);
        if (script[end + 1].Is("over"))
        {
            throw Redshift.NotSupported("LISTAGG with WITHIN GROUP as a window function in the simulator");
        }

        // The inner ORDER BY moves before the parenthesis that closes the arguments.
        script.Replace(close, close + 4, " ");
    }

    /// <summary>Gathered in an array, which knows of the order that numbers have and texts of them have not.</summary>
    private static void ListAggDistinct(SqlScript script, int at, List<(int From, int To)> items)
    {
        var close = script.Close(at + 1);
        var value = script.Take(items[0].From, items[0].To);
        var separator = items.Count > 1 ? script.Take(items[1].From, items[1].To) : "''";
        var ordered = script.Has(close + 1, "within", "group", "(");
        var end = ordered ? script.Close(close + 3) : close;
        var order = ordered ? script.Take(close + 4, end) : "";
        script.Replace(at, end + 1, $"array_to_string(array_agg({value} {order}), {separator})");
    }

    /// <summary><c>RATIO_TO_REPORT(x) OVER (PARTITION BY y)</c>.</summary>
    private static void RatioToReport(SqlScript script, int at)
    {
        var close = script.Close(at + 1);
        var over = script.Has(close + 1, "over", "(") ? close + 2 : throw script.SyntaxError(close + 1);
        var end = script.Close(over);
        var (value, window) = (script.Take(at + 2, close), end > over + 1 ? script.Take(over + 1, end) : "");
        script.Replace(at, end + 1, $"(({value})::float8 / nullif(sum(({value})::float8) over ({window}), 0))");
    }

    /// <summary>A TRUE at the end of a JSON function's arguments: what is no JSON gives NULL.</summary>
    private static void NullIfInvalid(SqlScript script, int at)
    {
        var close = script.Close(at + 1);
        var items = script.Items(at + 2, close).ToList();
        if (items.Count < 2 || script[close - 1].Value is not ("true" or "false") || script[close - 1].Kind != TokenKind.Word)
        {
            return;
        }

        if (script[close - 1].Is("true"))
        {
            script.InsertBefore(items[0].From, "sim_internal.valid_json(");
            script.InsertAfter(items[0].To - 1, ")");
        }

        script.Remove(items[^1].From - 1, close);
    }
}
