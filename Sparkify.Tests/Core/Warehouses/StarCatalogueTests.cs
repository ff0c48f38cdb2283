using System.Text.RegularExpressions;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Warehouses;

public sealed partial class StarCatalogueTests
{
    [Fact]
    public void RedshiftLayouts_AreThoseOfTheSqlThatCreatesTheTables()
    {
        var sql = SqlText.Load("Pipeline.Sql.Redshift.tables.sql");

        foreach (var table in StarCatalogue.Tables)
        {
            var created = CreateTable().Matches(sql).Single(m => m.Groups["table"].Value == table.Table);
            var layout = new TableLayout(
                created.Groups["dist"].Success ? created.Groups["dist"].Value : created.Groups["style"].Value,
                created.Groups["sort"].Success ? created.Groups["sort"].Value : null);
            Assert.Equal((table.Table, layout), (table.Table, StarCatalogue.RedshiftLayouts[table.Table]));
        }
    }

    [GeneratedRegex(
        @"create table if not exists \{schema\}\.(?<table>\w+) [^;]*?\)\s*(diststyle (?<style>\w+))?\s*(distkey \((?<dist>\w+)\))?\s*(sortkey \((?<sort>\w+)\))?;",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CreateTable();
}
