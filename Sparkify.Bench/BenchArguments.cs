using System.Globalization;

namespace Sparkify.Bench;

/// <summary>What is measured, from the command line.</summary>
/// <param name="Events">N.</param>
/// <param name="Scale">The larger size as a multiple of N; 0 leaves scaling out.</param>
/// <param name="Songs">How many one-object files; 0 leaves them out.</param>
/// <param name="Runs">How often everything is measured; the median counts.</param>
/// <param name="Rows">How many rows the row-by-row contender inserts (its rate does not depend on it).</param>
/// <param name="Viewers">How many people watch a load; 0 leaves them out.</param>
/// <param name="Waves">How many times they come and go.</param>
/// <param name="Logs">A folder of real logs, a file a day, which whole loads repeat; none to load generated events only.</param>
/// <param name="Json">Where the figures are written as JSON, or none.</param>
/// <param name="Directory">Where the generated data and the server's data are kept between runs.</param>
/// <param name="Connection">A server to use instead of one of its own.</param>
/// <param name="Only">Just these measurements, by their letters or names.</param>
internal sealed record BenchArguments(
    int Events, int Scale, int Songs, int Runs, int Rows, int Viewers, int Waves, string? Logs, string? Json, string Directory,
    string? Connection, IReadOnlySet<string> Only)
{
    /// <summary>Where the application that is measured keeps its data: apart from what it loads, which its data folder never is.</summary>
    public string AppDirectory => Path.Combine(Directory, "app");

    public const string Usage = """
        Sparkify.Bench [MEASUREMENTS] [--events 1000000] [--scale 10] [--songs 15000] [--runs 5] [--rows 100000] [--viewers 200]
                       [--waves 5] [--logs FOLDER] [--json FILE] [--directory FOLDER] [--connection STRING]
        Measurements, all of them unless some are named:
        """ + " " + Everything;

    private const string Everything = "stage,csv,jsonb,insert,files,scale,load,duckdb,new,reports,viewers,waves,signin";

    public static BenchArguments Parse(IReadOnlyList<string> args)
    {
        Dictionary<string, string> given = new(StringComparer.Ordinal);
        // The first word may be what is measured, without a name before it.
        var named = args is [not ['-', ..], ..] ? 1 : 0;
        for (var at = named; at + 1 < args.Count; at += 2)
        {
            given.Add(args[at].TrimStart('-'), args[at + 1]);
        }

        return new BenchArguments(
            Number("events", 1_000_000), Number("scale", 10), Number("songs", 15_000), Number("runs", 5), Number("rows", 100_000),
            Number("viewers", 200), Number("waves", 5), given.GetValueOrDefault("logs"), given.GetValueOrDefault("json"),
            Path.GetFullPath(given.GetValueOrDefault("directory") ?? Path.Combine(Path.GetTempPath(), "sparkify-bench")),
            given.GetValueOrDefault("connection"),
            (named > 0 ? args[0] : given.GetValueOrDefault("only") ?? Everything).Split(',').ToHashSet(StringComparer.Ordinal));

        int Number(string name, int otherwise) =>
            given.TryGetValue(name, out var text) ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>Whether a measurement is wanted.</summary>
    public bool Wants(string name) => Only.Contains(name);
}
