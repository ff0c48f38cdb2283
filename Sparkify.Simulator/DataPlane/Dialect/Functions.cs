namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Functions and words that need more than a function of the same name in the database.</summary>
internal static class Functions
{
    public static void Rewrite(SqlScript script)
    {
        for (var i = 0; i < script.Count; i++)
        {
            if (script[i].Kind != TokenKind.Word)
            {
                continue;
            }

            var call = script[i + 1].Is("(");
            switch (script[i].Value)
            {
                case "nvl" when call:
                    script.Replace(i, i + 1, "coalesce");
                    break;
                case "sysdate" when !call && !script[i - 1].Is("."):
                    script.Replace(i, i + 1, "getdate()");
                    break;
                case "current_user" or "session_user" or "user" when !call && !script[i - 1].Is(".") && script.Word == "select"
                    && !script[i - 1].Is("as"):
                    script.Replace(i, i + 1, "sim_internal.\"current_user\"()");
                    break;
                case "approximate" when script[i + 1].Is("count"):
                    script.Remove(i, i + 1);
                    break;
                case "dateadd" or "date_add" or "datediff" or "date_diff" or "date_part" or "date_trunc" when call && script[i + 2].IsName
                    && script[i + 3].Is(","):
                    script.Replace(i + 2, i + 3, $"'{script[i + 2].Value}'");
                    break;
                case "listagg" when call:
                    ListAgg(script, i);
                    break;
                case "varchar" when script.Has(i + 1, "(", "max"):
                    script.Replace(i + 2, i + 3, "65535");
                    break;
            }
        }
    }

    /// <summary><c>LISTAGG(x, ',') WITHIN GROUP (ORDER BY y)</c>.</summary>
    private static void ListAgg(SqlScript script, int at)
    {
        var close = script.Close(at + 1);
        var items = script.Items(at + 2, close).ToList();
        script.Replace(at, at + 1, "string_agg");
        script.InsertAfter(items[0].To - 1, ")::varchar");
        script.InsertBefore(script[items[0].From].Is("distinct") ? items[0].From + 1 : items[0].From, "(");
        if (items.Count == 1)
        {
            script.InsertAfter(items[0].To - 1, ", ''");
        }

        if (script.Has(close + 1, "within", "group", "("))
        {
            // The inner ORDER BY moves before the parenthesis that closes the arguments.
            script.Replace(close, close + 4, " ");
        }
    }
}
