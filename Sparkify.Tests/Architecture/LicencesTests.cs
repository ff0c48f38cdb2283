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
        Assert.Empty(packages.Where(package => !Regex.IsMatch(Table, $@"(?<![\w.]){Regex.Escape(package)}(?![\w.])")));
    }

    [Fact]
    public void Texts_TheTableLeadsTo_AreThere() => Assert.Empty(
        Regex.Matches(Table, @"\]\(([^)]+)\)").Select(link => link.Groups[1].Value)
            .Where(text => !File.Exists(Path.Combine(Licences, text))));
}
