using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Reports;

public sealed class QueryTests(LoadedReports loaded) : IClassFixture<LoadedReports>
{
    [Fact]
    public async Task Query_OfAnyType_GivesWhatTheServerWrites()
    {
        var (last, rows) = await loaded.QueryAsync(
            "select 1 as n, 1.50::numeric as d, null::text as t, array[1,2] as a, '{\"x\": 1}'::jsonb as j, interval '1 month' as i, 'infinity'::timestamp as ts, '\\x01'::bytea as b, true as yes, 'NaN'::float8 as f");

        Assert.Equal(QueryState.Succeeded, last.State);
        Assert.Equal(["1", "1.50", null, "{1,2}", "{\"x\": 1}", "1 mon", "infinity", "\\x01", "t", "NaN"], rows[0]);
        Assert.Equal(["integer", "numeric", "text", "integer[]"], last.Columns!.Take(4).Select(c => c.Type));
        Assert.Equal([true, true, false], last.Columns!.Take(3).Select(c => c.Numeric));
        Assert.Equal((1, 0L), (last.Rows, last.More));
    }

    [Fact]
    public async Task Query_WithMoreRowsThanAreKept_SaysHowManyMore()
    {
        var (last, rows) = await loaded.QueryAsync("select n from generate_series(1, 2500) n", maxRows: 100);

        Assert.Equal((QueryState.Succeeded, 100, 2400L, false), (last.State, last.Rows, last.More, last.MoreIsLeast));
        Assert.Equal(Enumerable.Range(1, 100).Select(n => $"{n}"), rows.Select(r => r[0]));
    }

    [Fact]
    public async Task Query_OfAMillionRows_ShowsTheFirstBeforeItEnds()
    {
        await using var run = await loaded.Queries.StartAsync(
            loaded.Name, "select n, repeat('x', 50) from generate_series(1, 1000000) n", LoadedReports.Ann, default);
        var last = await run.Completion.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.True(last.FirstRowsAfter < last.Took, $"The first rows came after {last.FirstRowsAfter} of {last.Took}.");
        Assert.Equal(loaded.Queries.MostRows, last.Rows);
        Assert.True(last.MoreIsLeast ? last.More > 0 : last.More == 1_000_000 - last.Rows);
        Assert.Equal(["5001", "5002"], run.Rows(5000, 2).Select(r => r[0]));
        Assert.Empty(run.Rows(20_000, 5));
    }

    [Fact]
    public async Task Query_OfMoreRowsThanCanBeCounted_SaysThereAreAtLeastSoMany()
    {
        var (last, rows) = await loaded.QueryAsync("select generate_series(1, 1000000000) as n", maxRows: 50);

        Assert.Equal((QueryState.Succeeded, 50, true, null), (last.State, last.Rows, last.MoreIsLeast, last.Error));
        Assert.True(last.More > 1000);
        Assert.Equal("50", rows[49][0]);
    }

    [Fact]
    public async Task Query_WithOneHugeCell_KeepsOnlyItsBeginning()
    {
        var (last, rows) = await loaded.QueryAsync("select repeat('😀', 500000), 7");

        Assert.Equal(QueryState.Succeeded, last.State);
        Assert.InRange(rows[0][0]!.Length, 3000, 4001);
        Assert.EndsWith("😀…", rows[0][0], StringComparison.Ordinal);
        Assert.Equal("7", rows[0][1]);
    }

    [Fact]
    public async Task Query_WithParameters_BindsThemWhateverTheyHold()
    {
        Dictionary<string, string> values = new() { ["from"] = "2018-11-01", ["word"] = "'; drop table songplays; --", ["n"] = "2" };
        await using var run = await loaded.Queries.StartAsync(
            loaded.Name, "select {{word}}, g from generate_series(1, 3) g where timestamp '2018-11-02' > {{from}} limit {{n}}", LoadedReports.Ann,
            default, values: values);
        var last = await run.Completion;

        Assert.Equal((QueryState.Succeeded, null), (last.State, last.Error));
        Assert.Equal(["1", "2"], run.Rows(0, 9).Select(r => r[1]));
        Assert.All(run.Rows(0, 9), r => Assert.Equal(values["word"], r[0]));
        Assert.Contains("Function Scan", string.Join('\n', await loaded.Queries.ExplainAsync(
            loaded.Name, "select g from generate_series(1, 3) g where g > {{n}}", LoadedReports.Ann, default, values)), StringComparison.Ordinal);
        var measured = await loaded.Queries.ExplainAsync(loaded.Name, "select {{n}}", LoadedReports.Ann, default, values, measured: true);
        Assert.Contains("actual time=", measured[0], StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Queries.StartAsync(loaded.Name, "select {{other}}", LoadedReports.Ann, default, values: values));
        Assert.Equal("Give a value for other first.", missing.Message);
    }

    [Fact]
    public async Task Query_FailingBehindAParameter_NamesThePlaceAsItWasWritten()
    {
        await using var run = await loaded.Queries.StartAsync(
            loaded.Name, "select {{n}}, nam from songplays", LoadedReports.Ann, default,
            values: new Dictionary<string, string> { ["n"] = "2" });

        Assert.Equal((1, 15), ((await run.Completion).Error!.Line, (await run.Completion).Error!.Column));
    }

    [Fact]
    public async Task Cancel_AQueryThatSleeps_StopsItOnTheServer()
    {
        const string Marked = "select pg_sleep(55) /* to be cancelled */";
        await using var run = await loaded.Queries.StartAsync(loaded.Name, Marked, LoadedReports.Ann, default);
        await Eventually.BecomesAsync(() => ActiveAsync(Marked), active => active == 1, seconds: 10);

        await run.CancelAsync();

        Assert.Equal(QueryState.Cancelled, run.Now.State);
        Assert.True(run.Now.Took < TimeSpan.FromSeconds(40));
        await Eventually.BecomesAsync(() => ActiveAsync(Marked), active => active == 0, seconds: 10);
        Assert.Equal(QueryState.Cancelled, (await loaded.Book.GetAsync(loaded.Name, run.Id, LoadedReports.Ann, default)).State);
    }

    [Fact]
    public async Task Dispose_ARunningQuery_StopsItOnTheServer()
    {
        const string Marked = "select pg_sleep(55) /* to be left */";
        var run = await loaded.Queries.StartAsync(loaded.Name, Marked, LoadedReports.Ann, default);
        await Eventually.BecomesAsync(() => ActiveAsync(Marked), active => active == 1, seconds: 10);

        await run.DisposeAsync();

        await Eventually.BecomesAsync(() => ActiveAsync(Marked), active => active == 0, seconds: 10);
    }

    [Fact]
    public async Task Cancel_AQueryThatWasLeft_ChangesNothing()
    {
        var run = await loaded.Queries.StartAsync(loaded.Name, "select 1", LoadedReports.Ann, default);
        var last = await run.Completion;
        await run.DisposeAsync();

        await run.CancelAsync();

        Assert.Equal(last, run.Now);
    }

    [Fact]
    public async Task Subscribe_AQuery_TellsItsEnd()
    {
        await using var run = await loaded.Queries.StartAsync(loaded.Name, "select pg_sleep(0.2)", LoadedReports.Ann, default);
        using var subscription = run.Subscribe();
        var view = run.Now;
        while (view.State == QueryState.Running)
        {
            view = await subscription.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        }

        Assert.Equal((QueryState.Succeeded, 1), (view.State, view.Rows));
    }

    [Theory]
    [InlineData("select 1\nfrom nowhere", 2, 6)]
    [InlineData("select 'ä😀', wrong", 1, 15)]
    [InlineData("selec 1", 1, 1)]
    public async Task Query_WithAMistake_SaysWhere(string sql, int line, int column)
    {
        var (last, _) = await loaded.QueryAsync(sql);

        Assert.Equal((QueryState.Failed, (int?)line, (int?)column), (last.State, last.Error!.Line, last.Error.Column));
    }

    [Fact]
    public async Task Query_TwoStatements_AreRefusedInASentence()
    {
        var (last, _) = await loaded.QueryAsync("select 1; select 2");

        Assert.Equal("One statement at a time: take the others away.", last.Error!.Message);
    }

    [Fact]
    public async Task Query_PastItsTime_SaysSo()
    {
        var (last, _) = await loaded.QueryAsync("select pg_sleep(20)");

        Assert.Equal(QueryState.Failed, last.State);
        Assert.Contains("longer than 2 s", last.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("select '\0'")]
    public async Task Start_NothingToRun_IsRefused(string sql) => Assert.Equal(
        ProblemKind.Invalid, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Queries.StartAsync(loaded.Name, sql, LoadedReports.Ann, default))).Kind);

    [Fact]
    public async Task Start_UnknownWarehouse_IsNotFound() => Assert.Equal(
        ProblemKind.NotFound, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Queries.StartAsync("nowhere", "select 1", LoadedReports.Ann, default))).Kind);

    [Fact]
    public async Task Explain_AQuery_ShowsItsPlanAndRunsNothing()
    {
        var plan = await ExplainAsync("select count(*) from songplays");
        Assert.Contains(plan, line => line.Contains("songplays", StringComparison.Ordinal));

        var wrong = await Assert.ThrowsAsync<SparkifyException>(() => ExplainAsync("select wrong"));
        Assert.StartsWith("Line 1, column 8: ", wrong.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SparkifyException>(() => ExplainAsync("analyze select pg_sleep(1)"));

        Task<IReadOnlyList<string>> ExplainAsync(string sql) => loaded.Queries.ExplainAsync(loaded.Name, sql, LoadedReports.Ann, default);
    }

    [Fact]
    public async Task History_KeepsWhatAPersonRan_AndShowsItToNobodyElse()
    {
        Actor bea = new("bea"), cy = new("cy");
        await using (var good = await loaded.Queries.StartAsync(loaded.Name, "select 1 as bea", bea, default))
        {
            await good.Completion;
        }

        await using (var bad = await loaded.Queries.StartAsync(loaded.Name, "select bea", bea, default))
        {
            await bad.Completion;
        }

        var history = await loaded.Book.HistoryAsync(loaded.Name, bea, 1, 10, default);

        Assert.Equal(2, history.Total);
        Assert.Equal([(QueryState.Failed, null), (QueryState.Succeeded, 1L)], history.Items.Select(q => (q.State, q.Rows)));
        Assert.All(history.Items, q => Assert.NotNull(q.Took));
        Assert.Empty((await loaded.Book.HistoryAsync(loaded.Name, cy, 1, 10, default)).Items);
        await Assert.ThrowsAsync<SparkifyException>(() => loaded.Book.GetAsync(loaded.Name, history.Items[0].Id, cy, default));
    }

    [Fact]
    public async Task Saved_AQuery_CanBeRenamedAndDeletedByItsOwnerOnly()
    {
        Actor dan = new("dan"), eve = new("eve");
        var saved = await loaded.Book.SaveAsync(" Daily ", "select 1", dan, default);
        Assert.Equal("Daily", saved.Name);
        Assert.Equal(ProblemKind.Conflict, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Book.SaveAsync("Daily", "select 2", dan, default))).Kind);
        Assert.Equal(ProblemKind.NotFound, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Book.ChangeAsync(saved.Id, "Mine", null, eve, default))).Kind);
        Assert.Equal(ProblemKind.NotFound, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Book.DeleteAsync(saved.Id, eve, default))).Kind);
        Assert.Equal(ProblemKind.Invalid, (await Assert.ThrowsAsync<SparkifyException>(
            () => loaded.Book.SaveAsync(" ", "select 2", dan, default))).Kind);

        var changed = await loaded.Book.ChangeAsync(saved.Id, "Weekly", null, dan, default);

        Assert.Equal(("Weekly", "select 1"), (changed.Name, changed.Sql));
        Assert.Equal(["Weekly"], (await loaded.Book.SavedAsync(dan, default)).Select(q => q.Name));
        Assert.Empty(await loaded.Book.SavedAsync(eve, default));
        await loaded.Book.DeleteAsync(saved.Id, dan, default);
        Assert.Empty(await loaded.Book.SavedAsync(dan, default));
    }

    private async Task<int> ActiveAsync(string sql)
    {
        await using var administrator = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(loaded.Warehouse.App.Store) { Pooling = false }.ConnectionString);
        return await administrator.ExecuteScalarAsync<int>(
            "select count(*)::int from pg_stat_activity where query = @sql and state = 'active'", new { sql });
    }
}
