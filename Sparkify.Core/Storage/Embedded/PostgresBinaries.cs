using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>The PostgreSQL server programs of one installation.</summary>
/// <param name="Folder">Where <c>initdb</c> and <c>postgres</c> are.</param>
internal sealed partial record PostgresBinaries(string Folder)
{
    /// <summary>The oldest version the SQL of this application is tried on.</summary>
    private const int OldestMajor = 14;

    /// <summary>The path of one program.</summary>
    public string Program(string name) => Path.Combine(Folder, name);

    /// <summary>
    /// Finds an installation: the configured one, else the newest in the usual places; one of <paramref name="major"/> when a data folder
    /// exists already.
    /// </summary>
    public static PostgresBinaries Find(string? configured, int? major)
    {
        if (configured is { Length: > 0 })
        {
            return IsServer(configured)
                ? new PostgresBinaries(configured)
                : throw SparkifyException.Unavailable(
                    $"Sparkify:PostgresBinaries names '{configured}', but there is no initdb and postgres in it. Point it at the server's bin folder.");
        }

        var found = UsualPlaces().Where(IsServer).Select(folder => (Folder: folder, Major: MajorOf(folder))).ToList();
        if (major is { } wanted)
        {
            return found.Where(f => f.Major == wanted || f.Major is null).Select(f => new PostgresBinaries(f.Folder)).FirstOrDefault()
                ?? throw SparkifyException.Unavailable(
                    $"The data folder was made by PostgreSQL {wanted}, and that version's server programs are not on this machine. " +
                    $"Install postgresql-{wanted}, or set Sparkify:PostgresBinaries to their bin folder.");
        }

        return found.Where(f => f.Major is null or >= OldestMajor).OrderByDescending(f => f.Major ?? 0)
                .Select(f => new PostgresBinaries(f.Folder)).FirstOrDefault()
            ?? throw SparkifyException.Unavailable(
                "The PostgreSQL server programs (initdb, postgres) are not on this machine. Install them ('apt-get install postgresql' or " +
                "'brew install postgresql'; ./run.sh does it for you), set Sparkify:PostgresBinaries to their folder, or give a server of your own in " +
                "ConnectionStrings:Sparkify.");
    }

    /// <summary>
    /// The folder of <c>pg_dump</c> and <c>pg_restore</c>: with the server's programs of a version, or the newest client's. Throws a
    /// sentence.
    /// </summary>
    public static string ToolsFolder(string? configured, int? major) =>
        configured is { Length: > 0 } ? configured
        : major is not null ? Find(configured: null, major).Folder
        : UsualPlaces().Where(static folder => File.Exists(Path.Combine(folder, "pg_dump"))).MaxBy(static folder => InPath(folder) ?? 0)
            ?? throw SparkifyException.Unavailable(
                "PostgreSQL's pg_dump and pg_restore are not on this machine. Install its client programs ('apt-get install postgresql-client'), " +
                "or name their folder in Sparkify:PostgresBinaries.");

    private static IEnumerable<string> UsualPlaces()
    {
        foreach (var root in new[] { "/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql" })
        {
            if (Directory.Exists(root))
            {
                foreach (var folder in Directory.EnumerateDirectories(root))
                {
                    yield return Path.Combine(folder, "bin");
                }
            }
        }

        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            yield return folder;
        }
    }

    private static bool IsServer(string folder) =>
        File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"));

    // /usr/lib/postgresql/15/bin and /opt/homebrew/opt/postgresql@16/bin carry the version. A folder on the PATH need not, but often
    // only links to one that does.
    private static int? MajorOf(string folder) =>
        InPath(folder) ?? InPath(new FileInfo(Path.Combine(folder, "postgres"))
            .ResolveLinkTarget(returnFinalTarget: true) is FileInfo real ? real.DirectoryName! : "");

    private static int? InPath(string folder) =>
        VersionInPath().Match(folder) is { Success: true } match ? int.Parse(match.Groups["major"].ValueSpan) : null;

    [GeneratedRegex(
        @"[/@-](?<major>\d{2})/bin$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionInPath();
}
