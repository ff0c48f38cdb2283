using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Simulator.DataPlane.Dialect;

namespace Sparkify.Tests.Core.Reports;

/// <summary>How reports are asked for, kept and exported.</summary>
public sealed class ReportRunTests(LoadedReports loaded) : IClassFixture<LoadedReports>
{
    [Fact]
    public void Catalogue_EveryReport_SaysWhatItIs()
    {
        Assert.True(loaded.Reports.Catalogue.Count >= 14);
        Assert.Equal(loaded.Reports.Catalogue.Count, loaded.Reports.Catalogue.DistinctBy(r => r.Id).Count());
        Assert.All(loaded.Reports.Catalogue, report =>
        {
            Assert.EndsWith("?", report.Question, StringComparison.Ordinal);
            Assert.NotEmpty(report.Excludes);
            var columns = report.Columns.Select(c => c.Name).ToList();
            Assert.All(report.Chart.Series.Append(report.Chart.Axis).Concat(report.DrillKeys), name => Assert.Contains(name, columns));
        });
    }

    [Fact]
    public void Sql_ForRedshift_UsesNothingRedshiftLacks() => Assert.All(ReportCatalog.All, report =>
    {
        foreach (var sql in new[] { report.Sql, report.RowsSql })
        {
            Assert.DoesNotMatch(@"(?i)\b(filter\s*\(|lateral|distinct on|generate_series|string_agg|array|any\s*\(|values\s*\(|now\s*\(|age\s*\(|substr\s*\(|isodow|make_interval|collate|is (not )?distinct from|::)", sql);
            // reserved there
            Assert.DoesNotMatch(@"(?i)\bas (system|user|top|tag|table|offset|raw|snapshot|open|left|right|full|time|timestamp)\b", sql);
            Assert.DoesNotContain("{", sql, StringComparison.Ordinal);
            foreach (var statement in SqlTokens.Statements(sql))
            {
                Refusals.Check(new SqlScript(sql, statement)); // throws for what the simulated Redshift refuses
            }
        }
    });

    [Fact]
    public async Task Run_Twice_ComesFromTheCacheUntilALoadPublishes()
    {
        var first = await loaded.RunAsync("top-songs", ("top", "7"));
        var again = await loaded.RunAsync("top-songs", ("top", "007"), ("from", ""), ("level", null));
        Assert.Equal((false, true), (first.Cached, again.Cached));
        Assert.Equal(first.ComputedAt, again.ComputedAt);
        Assert.Same(first.Rows, again.Rows);
        Assert.False((await loaded.RunAsync("top-songs", ("top", "8"))).Cached);
        Assert.False((await loaded.Reports.RunAsync(
            loaded.Name, "top-songs", new Dictionary<string, string?> { ["top"] = "7" }, default, fresh: true)).Cached);

        var run = await loaded.Warehouse.LoadAsync();

        var after = await loaded.RunAsync("top-songs", ("top", "7"));
        Assert.False(after.Cached);
        Assert.Equal(run.Id, after.Version.Run);
        Assert.NotEqual(first.Version.Run, after.Version.Run);
        Assert.Equal(first.Rows, after.Rows);
        Assert.Equal(run.Id, (await loaded.Reports.TrustAsync(loaded.Name, default))!.Version.Run);
    }

    [Fact]
    public async Task Run_ManyAtOnce_IsComputedOnce()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => loaded.RunAsync("session-length", ("from", "2018-11-02"))));

        Assert.Single(all.Select(r => r.ComputedAt).Distinct());
        Assert.All(all, r => Assert.Same(all[0].Rows, r.Rows));
    }

    [Fact]
    public async Task Run_ByACallerWhoLeaves_DoesNotHarmTheOthers()
    {
        using var leaving = new CancellationTokenSource();
        Dictionary<string, string?> parameters = new() { ["from"] = "2018-11-03" };
        var left = loaded.Reports.RunAsync(loaded.Name, "songs-per-session", parameters, leaving.Token);
        var stays = loaded.Reports.RunAsync(loaded.Name, "songs-per-session", parameters, default);
        await leaving.CancelAsync();

        Assert.NotEmpty((await stays).Rows);
        try
        {
            await left;
        }
        catch (OperationCanceledException)
        {
            // unless it was done before
        }

        Assert.NotEmpty((await loaded.Reports.RunAsync(loaded.Name, "songs-per-session", parameters, default)).Rows);
    }

    [Fact]
    public async Task Run_ShowsTheSqlWithItsValues()
    {
        var result = await loaded.RunAsync("top-artists", ("to", "2018-11-05"));

        Assert.StartsWith(
            "-- @from = null\n-- @until (the day after 'to') = 2018-11-05\n-- @level = null\n-- @top = 20\nselect", result.Sql,
            StringComparison.Ordinal);
        Assert.Equal(["from", "to", "level", "top"], result.Arguments.Select(a => a.Name));
        Assert.True(result.Took > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("top-songs", "from", "1.11.2018", "'1.11.2018' is no day for 'from'")]
    [InlineData("top-songs", "from", "2018-02-30", "is no day")]
    [InlineData("top-songs", "to", "0001-01-01", "is no day")]
    [InlineData("top-songs", "top", "0", "whole number from 1 to 1000")]
    [InlineData("top-songs", "top", "99999999999", "whole number from 1 to 1000")]
    [InlineData("top-songs", "top", "1; drop table songplays", "whole number")]
    [InlineData("top-songs", "level", "' or 1=1 --", "There are: free, paid")]
    [InlineData("active-users", "per", "date_trunc", "There are: day, week, month, year")]
    [InlineData("top-songs", "per", "week", "has no parameter 'per'")]
    [InlineData("rows-per-table", "from", "2018-11-01", "takes no parameters")]
    public async Task Run_ParameterThatDoesNotFit_IsRefusedInASentence(string report, string name, string value, string sentence)
    {
        var refused = await Assert.ThrowsAsync<SparkifyException>(() => loaded.RunAsync(report, (name, value)));

        Assert.Equal(ProblemKind.Invalid, refused.Kind);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RangeThatEndsBeforeItBegins_IsRefused() =>
        await Assert.ThrowsAsync<SparkifyException>(() => loaded.RunAsync("top-songs", ("from", "2018-11-05"), ("to", "2018-11-04")));

    [Fact]
    public async Task Run_UnknownReportOrWarehouse_IsNotFound()
    {
        Assert.Equal(ProblemKind.NotFound, (await Assert.ThrowsAsync<SparkifyException>(() => loaded.RunAsync("no-such"))).Kind);
        Assert.Equal(ProblemKind.NotFound, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Reports.RunAsync("nowhere", "top-songs", new Dictionary<string, string?>(), default))).Kind);
    }

    [Fact]
    public async Task Run_NothingPublished_SaysToLoadFirst()
    {
        var name = Support.TestApp.NewName();
        await loaded.Warehouse.App.CreateAsync(name, "sample");

        var refused = await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Reports.RunAsync(name, "top-songs", new Dictionary<string, string?>(), default));

        Assert.Equal(ProblemKind.Conflict, refused.Kind);
        Assert.Contains("Load it first", refused.Message, StringComparison.Ordinal);
        Assert.Null(await loaded.Reports.TrustAsync(name, default));
    }

    [Fact]
    public async Task Trust_OfALoad_AddsUp()
    {
        var trust = (await loaded.Reports.TrustAsync(loaded.Name, default))!;

        Assert.True(trust.Reconciled);
        Assert.True(trust.Checks > 5);
        Assert.Equal(trust.Checks, trust.ChecksPassed);
    }

    [Fact]
    public async Task Csv_OfAReport_HasNotesHeadingsAndAllRows()
    {
        var text = await LoadedReports.TextAsync(
            loaded.Reports.OpenCsvAsync(
                loaded.Name, "top-artists", new Dictionary<string, string?> { ["level"] = "paid" }, null, LoadedReports.Ann, default),
            CsvForm.Raw with { Notes = true });
        var lines = text.Split("\r\n");
        var run = (await loaded.Reports.TrustAsync(loaded.Name, default))!.Version.Run;

        Assert.Contains("# Top artists: Which artists are played most?", lines);
        Assert.Contains("# Parameters: from = any, to = any, level = paid, top = 20", lines);
        Assert.Contains(lines, l => l.StartsWith($"# Data: published by run {run} at 2", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("# Written: 2", StringComparison.Ordinal));
        var result = await loaded.RunAsync("top-artists", ("level", "paid"));
        Assert.Equal(["artist,plays", .. result.Rows.Select(r => $"{r[0]},{r[1]}"), ""], lines.SkipWhile(l => l.StartsWith('#')));
        Assert.NotEqual(0xEF, Encoding.UTF8.GetBytes(text)[0]);
    }

    [Fact]
    public async Task Csv_OfAMark_HasItsRowsOnly()
    {
        var text = await LoadedReports.TextAsync(
            loaded.Reports.OpenCsvAsync(
                loaded.Name, "top-artists", new Dictionary<string, string?>(), new Dictionary<string, string?> { ["artist"] = "Bob B" },
                LoadedReports.Ann, default), CsvForm.Raw);

        var lines = text.TrimEnd().Split("\r\n");
        Assert.StartsWith("start_time,user_id,", lines[0], StringComparison.Ordinal);
        var plays = (long)(await loaded.RunAsync("top-artists")).Rows.Single(r => Equals(r[0], "Bob B"))[1]!;
        Assert.Equal(plays, lines.Length - 1);
        Assert.All(lines.Skip(1), l => Assert.Contains(",Bob B,", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Drill_MarkThatDoesNotFit_IsRefused()
    {
        await Refused("top-songs", new() { ["wrong"] = "x" });
        await Refused("plays-over-time", new() { ["period"] = "never" });
        await Refused("plays-by-hour", new() { ["hour"] = "1; drop", ["weekday"] = "1" });
        await Refused("never-played", []);

        async Task Refused(
            string report, Dictionary<string,
            string?> mark) => Assert.Equal(ProblemKind.Invalid, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Reports.DrillAsync(
                loaded.Name, report, new Dictionary<string, string?>(), mark, 1, 10, LoadedReports.Ann, default))).Kind);
    }
}
