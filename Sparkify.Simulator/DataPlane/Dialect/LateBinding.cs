namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>
/// <c>CREATE VIEW … WITH NO SCHEMA BINDING</c>. The server behind makes a view only of what is there; that it is to be one of these is kept
/// in an option of the view that means nothing.
/// </summary>
internal static class LateBinding
{
    private const string Mark = "with (security_barrier = false) ";

    public const string Hint = "In the simulator what a view WITH NO SCHEMA BINDING reads has to be there when it is created.";

    /// <summary>The words at the end of a view that say so; none when they are not there.</summary>
    public static IEnumerable<int> Of(SqlScript script)
    {
        var at = script.Count - 4;
        return script.Word == "create" && at > 0 && script.Has(at, "with", "no", "schema", "binding") ? Enumerable.Range(at, 4) : [];
    }

    public static void Rewrite(SqlScript script)
    {
        for (var i = 2; i < script.Count; i++)
        {
            i = script[i].Is("(") ? script.Close(i) : i;
            if (script[i].Is("as"))
            {
                script.InsertBefore(i, Mark);
                return;
            }
        }
    }

    /// <summary><c>pg_get_late_binding_view_cols()</c> gives records, whose columns a FROM names, or the same as a table where it does not.</summary>
    public static void Columns(SqlScript script)
    {
        for (var i = 1; i < script.Count; i++)
        {
            if (script[i].Is("pg_get_late_binding_view_cols") && script.Has(i + 1, "(", ")") && script[i - 1].Value is "from" or "join" or ",")
            {
                var alias = script[i + 3].Is("as") ? i + 4 : i + 3;
                if (!script[script[alias].IsName ? alias + 1 : alias].Is("("))
                {
                    script.Replace(i, i + 1, "sim_internal.late_binding_view_cols");
                }
            }
        }
    }
}
