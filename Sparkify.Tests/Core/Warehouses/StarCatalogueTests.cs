using System.Text.RegularExpressions;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Warehouses;

public sealed partial class StarCatalogueTests
{
    [Fact]
    public void OnRedshift_ColumnsAndLayoutsAreThoseOfTheSqlThatCreatesTheTables()
    {
        var sql = SqlText.Load("Pipeline.Sql.Redshift.tables.sql");

        foreach (var table in StarCatalogue.For(WarehouseTarget.Redshift))
        {
            var created = CreateTable().Matches(sql).Single(m => m.Groups["table"].Value == table.Table);
            var layout = new TableLayout(
                created.Groups["dist"].Success ? created.Groups["dist"].Value : created.Groups["style"].Value,
                created.Groups["sort"].Success ? created.Groups["sort"].Value : null);
            Assert.Equal((table.Table, layout), (table.Table, table.Layout));
            Assert.Equal(table.Columns.Select(c => c.Name), Column().Matches(created.Groups["columns"].Value).Select(c => c.Groups["name"].Value));
        }
    }

    [GeneratedRegex(
        @"create table if not exists \{schema\}\.(?<table>\w+) \((?<columns>[^;]*?)\)\s*(diststyle (?<style>\w+))?\s*(distkey \((?<dist>\w+)\))?\s*(sortkey \((?<sort>\w+)\))?;",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"^\s+(?<name>\w+) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Column();
}
