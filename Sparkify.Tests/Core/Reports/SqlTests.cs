using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Tests.Core.Reports;

/// <summary>What is code and what is text in SQL, and what follows from it.</summary>
public sealed class SqlTests
{
    [Theory]
    [InlineData("select 'a;b', \"x;y\" -- c;\n/* /* ; */ ; */ from $$;$$ where E'\\';' = {{ from }};")]
    [InlineData("'open")]
    [InlineData("/* open /* */")]
    [InlineData("$x$ open {{ a b }} {{")]
    [InlineData("")]
    public void Pieces_OfAnyText_AreTheWhole(string sql) =>
        Assert.Equal(sql, string.Concat(SqlPieces.Of(sql).Select(p => sql[p.Start..p.End])));

    [Theory]
    [InlineData("select ';'; select 2", 3, 3, "select ';'")]
    [InlineData("select 1; select 2", 9, 9, "select 1")]
    [InlineData("select 1; select 2", 12, 12, "select 2")]
    [InlineData("select 1;\n-- the end\n", 20, 20, "select 1")]
    [InlineData("select 1; ; select 2;", 10, 10, "select 2")]
    [InlineData("-- why\nselect 1", 2, 2, "-- why\nselect 1")]
    [InlineData("select 1; select 2", 0, 18, "select 1; select 2")]
    [InlineData("select a, b from c", 7, 11, "a, b")]
    [InlineData("select $$;$$; select 2", 4, 4, "select $$;$$")]
    [InlineData("select 1", 99, 99, "select 1")]
    public void Meant_SelectionElseTheStatementAtTheCursor(string sql, int from, int to, string meant) =>
        Assert.Equal(meant, sql[SqlStatements.Meant(sql, from, to)]);

    [Fact]
    public void Names_OfParameters_AreNotThoseInTextsAndComments() => Assert.Equal(
        ["from", "level"], SqlParameters.Names("select '{{no}}' -- {{nor}}\nwhere a > {{from}} and b = {{ level }} and c < {{from}}"));

    [Fact]
    public void Bind_PutsMarksInPlaceAndMovesNothing()
    {
        const string Sql = "select {{from}}, {{b}}, {{from}}, 'x'";

        var (bound, values) = SqlParameters.Bind(Sql, new Dictionary<string, string> { ["b"] = "'; drop table x", ["from"] = "1" });

        Assert.Equal("select $1      , $2   , $1      , 'x'", bound);
        Assert.Equal(["1", "'; drop table x"], values);
    }

    [Fact]
    public void Bind_WithoutAValue_AsksForIt() => Assert.Equal(
        "Give a value for a and b first.",
        Assert.Throws<SparkifyException>(() =>
            SqlParameters.Bind("select {{a}}, {{b}}", new Dictionary<string, string> { ["a"] = "" })).Message);
}
