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

    [Fact]
    public void Lines_AreNotWiderThanAReaderSees() => Assert.Empty(
        from file in Code("Sparkify.Core", "Sparkify.Web", "Sparkify.Simulator", "Sparkify.Bench", "Sparkify.Tests")
        where file.Path.EndsWith(".cs", StringComparison.Ordinal)
        from line in TooWide(file.Text)
        select $"{file.Path}:{line}");

    [Fact]
    public void TooWide_CodeThatGoesOn_IsFound_AndALongTextIsNot()
    {
        Assert.Equal([2], TooWide($"short\n{new string('x', 141)}\n"));
        Assert.Empty(TooWide($"step.Warn(\"{new string('x', 141)}\");\n\"\"\"\n{new string('x', 141)}\n\"\"\"\n{new string('x', 140)}"));
    }

    /// <summary>Lines of C# beyond <c>.editorconfig</c>'s 140 columns, from 1. A text that is long by itself stays whole, and one in
    /// triple quotes is not C#.</summary>
    private static List<int> TooWide(string text)
    {
        List<int> found = [];
        var raw = false;
        foreach (var (at, line) in text.Split('\n').Index())
        {
            var fences = line.Split("\"\"\"").Length - 1;
            if (!raw && fences == 0 && line.Length > 140 && Texts().Replace(line, "").Length > 100)
            {
                found.Add(at + 1);
            }

            raw ^= fences % 2 == 1;
        }

        return found;
    }

    private static List<string> TablesNamedIn(string text) =>
        [.. StarSchema.Tables.Select(static t => t.Name).Where(name => text.Contains($"\"{name}\"", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    /// <summary>The C# and Razor files of projects, of what we ship when none is named, with their paths below the root.</summary>
    private static IEnumerable<(string Path, string Text)> Code(params IReadOnlyList<string> projects)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Sparkify.Web.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"The source does not lie above {AppContext.BaseDirectory}.");
        }

        return
            from project in projects.Count > 0 ? projects : ["Sparkify.Core", "Sparkify.Web"]
            from file in Directory.EnumerateFiles(Path.Combine(root.FullName, project), "*", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(root.FullName, file).Replace('\\', '/')
            where path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal)
            where !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal)
            select (path, File.ReadAllText(file));
    }

    [GeneratedRegex(@"""(\\.|[^""\\])*""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Texts();

    [GeneratedRegex(@"\b(from|update|into|join)\s+runs\b(?!\.)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex StatementOnRuns();
}
