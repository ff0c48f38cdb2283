namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>
/// Catalogues of the server behind that tell of more than the cluster, or otherwise than an 8.0.2: a statement that names one is led to
/// the cluster's view of it.
/// </summary>
internal static class Catalogues
{
    private static readonly HashSet<string> Own = new(StringComparer.Ordinal)
    {
        "pg_database", "pg_default_acl", "pg_settings", "pg_shadow", "pg_stat_activity",
    };

    public static void Rewrite(SqlScript script)
    {
        for (var i = 1; i < script.Count; i++)
        {
            if (script[i].IsName && Own.Contains(script[i].Value)
                && (script[i + 1].Is(".") || script[i - 1].Value is "from" or "join" or "." or ","))
            {
                script.Replace(i, i + 1, $"sim{script[i].Value[2..]}");
            }
        }
    }
}
