using System.Text.Json;
using System.Text.RegularExpressions;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Architecture;

/// <summary>What ships is named with its licence, and the texts travel with it.</summary>
public sealed class LicencesTests
{
    private static readonly string Licences = Path.Combine(Path.GetDirectoryName(AppProcess.Program)!, "licenses");
    private static readonly string Table = File.ReadAllText(Path.Combine(Licences, "README.md"));

    [Fact]
    public void Packages_ThatShip_AreNamed()
    {
        using var shipped = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(AppProcess.Program, "deps.json")));
        var packages = shipped.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").ValueEquals("package"))
            .Select(library => library.Name.Split('/')[0]).ToList();

        Assert.Contains("Npgsql", packages);
        var named = Regex.Split(Table, @"[^\w.]+", RegexOptions.NonBacktracking).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], packages.Except(named));
    }

    [Fact]
    public void Texts_TheTableLeadsTo_AreThere() => Assert.All(
        Regex.Matches(Table, @"\]\((?<file>[^)]+)\)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)
            .Select(link => link.Groups["file"].Value),
        text => Assert.True(File.Exists(Path.Combine(Licences, text)), text));
}
