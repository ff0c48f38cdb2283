using System.Collections.Concurrent;
using System.Reflection;

namespace Sparkify.Core.Common;

/// <summary>SQL that lives in <c>.sql</c> files embedded in this assembly.</summary>
internal static class SqlText
{
    private static readonly Assembly Home = typeof(SqlText).Assembly;
    private static readonly ConcurrentDictionary<string, string> Cache = new(StringComparer.Ordinal);

    /// <summary>The text of one file, by its path with dots: <c>Pipeline.Sql.Postgres.users.sql</c>.</summary>
    public static string Load(string name) => Cache.GetOrAdd(name, static name =>
    {
        using var stream = Home.GetManifestResourceStream($"Sparkify.Core.{name}")
            ?? throw new InvalidOperationException($"There is no embedded SQL file {name} in {Home.GetName().Name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>Whether there is such a file.</summary>
    public static bool Exists(string name) => Home.GetManifestResourceInfo($"Sparkify.Core.{name}") is not null;

    /// <summary>The names of the files in a folder, in ordinal order.</summary>
    public static IReadOnlyList<string> List(string folder)
    {
        var prefix = $"Sparkify.Core.{folder}.";
        return [.. Home.GetManifestResourceNames()
            .Where(n => n.StartsWith(prefix, StringComparison.Ordinal) && n.EndsWith(".sql", StringComparison.Ordinal))
            .Select(n => n["Sparkify.Core.".Length..])
            .Order(StringComparer.Ordinal)];
    }
}
