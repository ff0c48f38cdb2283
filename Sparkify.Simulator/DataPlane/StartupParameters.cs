namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// What of a client's start-up packet the server behind is told. Drivers of Redshift send more than PostgreSQL knows (their versions, how
/// they found the cluster); a cluster takes what it knows and leaves the rest out.
/// </summary>
internal static class StartupParameters
{
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_name", "client_encoding", "datestyle", "extra_float_digits", "options", "search_path", "statement_timeout", "timezone",
    };

    public static IEnumerable<KeyValuePair<string, string>> Of(IEnumerable<KeyValuePair<string, string>> sent) =>
        sent.Where(static p => Known.Contains(p.Key));
}
