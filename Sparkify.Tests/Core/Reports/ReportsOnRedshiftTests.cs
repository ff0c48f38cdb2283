using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;
using Sparkify.Tests.Core.Pipeline.Redshift;

namespace Sparkify.Tests.Core.Reports;

/// <summary>What an analyst does, on a warehouse of the simulated Redshift that was loaded by COPY.</summary>
public sealed class ReportsOnRedshiftTests(ReportsOnRedshiftTests.Cloud cloud) : IClassFixture<ReportsOnRedshiftTests.Cloud>
{
    public static TheoryData<string> Ids => ReportFiguresTests.Ids;

    private IReports Reports => cloud.Get<IReports>();

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Report_OnRedshift_GivesTheFiguresOfTheReference(string report) =>
        await ReportFiguresTests.CompareAsync(report, Reports, cloud.Name, cloud.Reference);

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Drill_OnRedshift_GivesTheRowsThatTheCsvHas(string report)
    {
        var result = await Reports.RunAsync(cloud.Name, report, new Dictionary<string, string?>(), default);
        if (result.Report.DrillKeys.Count == 0)
        {
            return;
        }

        var mark = result.Mark(result.Rows[0]);
        var page = await Reports.DrillAsync(
            cloud.Name, report, new Dictionary<string, string?>(), mark, 1, 500, LoadedReports.Ann, default);
        var csv = await LoadedReports.TextAsync(
            Reports.OpenCsvAsync(cloud.Name, report, new Dictionary<string, string?>(), mark, LoadedReports.Ann, default), CsvForm.Raw);

        Assert.InRange(page.Rows.Total, 1, 500);
        Assert.Equal(page.Rows.Total, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length - 1);
    }

    [Fact]
    public async Task Trust_OnRedshift_AccountsForEveryEvent()
    {
        var trust = await Reports.TrustAsync(cloud.Name, default);

        Assert.True(trust!.Reconciled);
        Assert.Equal(trust.Checks, trust.ChecksPassed);
        Assert.True(trust.Checks > 10);
    }

    [Fact]
    public async Task Query_OnRedshift_FindsTheTablesAndCanOnlyRead()
    {
        var plays = await QueryAsync("select count(*) from songplays");
        Assert.Equal((QueryState.Succeeded, 1), (plays.Last.State, plays.Rows.Count));
        var expected = (await cloud.Get<ITables>().PlaysAsync(cloud.Name, default))!.Plays;
        Assert.Equal($"{expected}", plays.Rows[0][0]);

        foreach (var harm in (string[])
            ["delete from songplays", "create table dwh.mine (a int)", "truncate users", "insert into users (user_id) values ('x')", "drop table time",
             "create user eve password 'Aa345678'", "grant all on songplays to public",
             "set session authorization default; delete from users", "unlisten *",
             "copy users from 's3://music/x' iam_role 'arn:aws:iam::123456789012:role/x' json 'auto'",
             "update songplays set level = 'paid'", "call anything()"])
        {
            var refused = await QueryAsync(harm);
            Assert.True(refused.Last.State == QueryState.Failed, $"{harm}: {refused.Last.State}");
            Assert.NotEmpty(refused.Last.Error!.Message);
        }

        Assert.Equal($"{expected}", (await QueryAsync("select count(*) from songplays")).Rows[0][0]);
    }

    [Fact]
    public async Task Query_OnRedshift_CanBeCancelledAndExplained()
    {
        await using var run = await cloud.Get<IQueries>().StartAsync(
            cloud.Name, "select count(*) from songplays a, songplays b, songplays c, songplays d, songplays e, songplays f",
            LoadedReports.Ann, default);
        await run.CancelAsync();

        Assert.Equal(QueryState.Cancelled, (await run.Completion.WaitAsync(TimeSpan.FromSeconds(30))).State);
        Assert.NotEmpty(await cloud.Get<IQueries>().ExplainAsync(cloud.Name, "select * from songplays", LoadedReports.Ann, default));
    }

    [Fact]
    public async Task Profile_OnRedshift_IsThatOfTheLocalTable()
    {
        foreach (var table in (string[])["songplays", "users", "songs", "artists", "time"])
        {
            var profile = await cloud.Get<ITableProfiles>().ProfileAsync(cloud.Name, table, default);
            var local = await cloud.OfLocal<ITableProfiles>().ProfileAsync(cloud.LocalName, table, default);

            Assert.Equal(
                local.Columns.Select(c => (c.Name, c.Nulls, c.Distinct)), profile.Columns.Select(c => (c.Name, c.Nulls, c.Distinct)));
        }
    }

    private async Task<(QueryView Last, IReadOnlyList<IReadOnlyList<string?>> Rows)> QueryAsync(string sql)
    {
        await using var run = await cloud.Get<IQueries>().StartAsync(cloud.Name, sql, LoadedReports.Ann, default);
        var last = await run.Completion.WaitAsync(TimeSpan.FromSeconds(60));
        return (last, run.Rows(0, last.Rows));
    }

    /// <summary>The events and songs of <see cref="LoadedReports"/> on the simulated cloud.</summary>
    public sealed class Cloud : IAsyncLifetime
    {
        private readonly LoadedReports _local = new();
        private CloudWarehouse _warehouse = null!;

        internal string Name => _warehouse.Name;

        internal ReportReference Reference => _local.Reference;

        internal T Get<T>()
            where T : notnull => _warehouse.App.Services.GetRequiredService<T>();

        internal string LocalName => _local.Name;

        internal T OfLocal<T>()
            where T : notnull => _local.Warehouse.App.Services.GetRequiredService<T>();

        public async Task InitializeAsync()
        {
            await _local.InitializeAsync();
            _warehouse = await CloudWarehouse.ProvisionAsync(async bench =>
            {
                await CloudWarehouse.UploadAsync(bench, Path.Combine(_local.Folder, "log_data"), "log_data");
                await CloudWarehouse.UploadAsync(bench, Path.Combine(_local.Folder, "song_data"), "song_data");
            });
            await _warehouse.LoadAsync();
        }

        public async Task DisposeAsync()
        {
            await _warehouse.DisposeAsync();
            await _local.DisposeAsync();
        }
    }
}
