using System.Text.RegularExpressions;
using Sparkify.Core.Star;

namespace Sparkify.Tests.Architecture;

/// <summary>Rules that only the text of the source shows.</summary>
public sealed partial class SourceTests
{
    [Fact]
    public void TablesOfTheStar_AreListedInStarOnly() => Assert.Empty(
        from file in Code()
        where !file.Path.StartsWith("Sparkify.Core/Star/", StringComparison.Ordinal)
        let named = TablesNamedIn(file.Text)
        where named.Count > 2
        select $"{file.Path} lists {string.Join(", ", named)}: take them from StarSchema");

    [Fact]
    public void TablesNamedIn_AList_FindsIt()
    {
        Assert.Equal(["songplays", "songs", "users"], TablesNamedIn("""foreach (var t in new[] { "users", "songs", "songplays" })"""));
        Assert.Empty(TablesNamedIn("from songplays join users -- \"in a query\""));
    }

    [Fact]
    public void StatementsOnRuns_StandInTwoFilesAtMost()
    {
        var files = Code().Where(static f => StatementOnRuns().IsMatch(f.Text)).Select(static f => f.Path).ToList();

        Assert.True(files.Count <= 2, $"SQL on runs stands in {string.Join(", ", files)}.");
    }

    private static List<string> TablesNamedIn(string text) =>
        [.. StarSchema.Tables.Select(static t => t.Name).Where(name => text.Contains($"\"{name}\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The C# and Razor files of what we ship, with their paths below the project's folder.</summary>
    private static IEnumerable<(string Path, string Text)> Code()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Sparkify.Web.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"The source does not lie above {AppContext.BaseDirectory}.");
        }

        return
            from project in (string[])["Sparkify.Core", "Sparkify.Web"]
            from file in Directory.EnumerateFiles(Path.Combine(root.FullName, project), "*", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(root.FullName, file).Replace('\\', '/')
            where path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal)
            where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
            select (path, File.ReadAllText(file));
    }

    [GeneratedRegex(@"\b(from|update|into|join)\s+runs\b(?!\.)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex StatementOnRuns();
}
