using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Warehouses;

public sealed class WarehouseNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("sparkify-2026")]
    [InlineData("a1234567890123456789012345678901234567890")]
    public void Check_NameWithinTheRule_Passes(string name) => WarehouseName.Check(name);

    [Theory]
    [InlineData("A")]
    [InlineData("1a")]
    [InlineData("-a")]
    [InlineData("a_b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("a\";drop table users")]
    [InlineData("a12345678901234567890123456789012345678901")]
    public void Check_NameOutsideTheRule_IsRefusedWithTheRule(string name)
    {
        var refusal = Assert.Throws<SparkifyException>(() => WarehouseName.Check(name));

        Assert.Equal(
            (ProblemKind.Invalid, $"'{name}' cannot be a warehouse's name: use 1 to 41 lower-case letters, digits and hyphens, beginning with a letter."),
            (refusal.Kind, refusal.Message));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Check_NoName_IsRefusedWithTheRule(string? name) => Assert.Equal(
        "A warehouse needs a name: use 1 to 41 lower-case letters, digits and hyphens, beginning with a letter.",
        Assert.Throws<SparkifyException>(() => WarehouseName.Check(name)).Message);

    [Fact]
    public void LocalNames_OfTheLongestName_FitIntoAnIdentifier() =>
        Assert.True(new LocalNames("a" + new string('-', 40)).Reporter.Length <= 63);
}
