using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Core.Pipeline;

namespace Sparkify.Tests.Core.Reports;

/// <summary>However a query or an export ends, its person is told in words, and its place is free again.</summary>
public sealed class QueryEndsTests(QueryEndsTests.OnePlace asked) : IClassFixture<QueryEndsTests.OnePlace>
{
    private static readonly Actor Ann = new("ann");
    private static readonly Dictionary<string, string?> None = [];

    [Fact]
    public async Task Warehouse_WhoseHostDoesNotResolve_FailsInWords_AndKeepsNoPlace()
    {
        await asked.Journal.SetEndpointAsync(asked.Name, new WarehouseEndpoint("nowhere.invalid", 5439, "dev"), default);
        foreach (var _ in Enumerable.Range(0, 4))
        {
            await using var run = await asked.Queries.StartAsync(asked.Name, "select 1", Ann, default);
            var last = await run.Completion.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(QueryState.Failed, last.State);
            Assert.StartsWith("The warehouse does not answer: ", last.Error!.Message, StringComparison.Ordinal);
        }

        await UnavailableAsync(() => asked.Queries.ExplainAsync(asked.Name, "select 1", Ann, default));
        await UnavailableAsync(() => asked.Queries.OpenCsvAsync(asked.Name, "select 1", Ann, default));
        await UnavailableAsync(() => asked.Reports.RunAsync(asked.Name, "top-songs", None, default, fresh: true));
        await UnavailableAsync(() => asked.Reports.DrillAsync(
            asked.Name, "top-artists", None, new Dictionary<string, string?> { ["artist"] = "x" }, 1, 10, Ann, default));
        await UnavailableAsync(() => asked.Reports.OpenCsvAsync(asked.Name, "top-songs", None, null, Ann, default));

        await asked.Journal.SetEndpointAsync(asked.Name, null, default);
        await SucceedsAsync();
    }

    [Fact]
    public async Task Query_ThatFailsForAReasonNobodyForesaw_NamesTheTraceUnderWhichTheLogHasIt()
    {
        using var span = new Activity("test").Start();
        using var logs = new LogKeeper();
        var places = asked.Places;
        await using var run = new QueryRun(
            7, "select 1", 10, TimeSpan.FromSeconds(10), places.Enter(Ann), _ => throw new InvalidDataException("planted"),
            static _ => Task.CompletedTask, logs.CreateLogger("test"));

        var last = await run.Completion.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(
            (QueryState.Failed, $"Something unexpected happened; the application's log has the details under {span.TraceId.ToHexString()}."),
            (last.State, last.Error!.Message));
        Assert.Contains("Query 7 failed for a reason nobody foresaw", logs.All, StringComparison.Ordinal);
        Assert.Contains("planted", logs.All, StringComparison.Ordinal);
        await SucceedsAsync();
    }

    [Theory]
    [InlineData("copy songplays to stdout")]
    [InlineData("copy (select 1) to stdout")]
    public async Task Query_ThatCopies_IsToldThatItCannot(string sql)
    {
        await using var run = await asked.Queries.StartAsync(asked.Name, sql, Ann, default);
        var last = await run.Completion.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("COPY does not work here", last.Error!.Message, StringComparison.Ordinal);
        await SucceedsAsync();
    }

    [Fact]
    public async Task Csv_ThatFailsWhileItIsClosed_KeepsNoPlace()
    {
        foreach (var _ in Enumerable.Range(0, 4))
        {
            var csv = await asked.Queries.OpenCsvAsync(
                asked.Name, "select 1 / (3 - g), repeat('x', 100) from generate_series(1, 3) g", Ann, default);
            await Assert.ThrowsAsync<PostgresException>(async () => await csv.DisposeAsync());
        }

        await SucceedsAsync();
    }

    [Fact]
    public async Task Csv_WhoseClientTakesNothing_EndsAWhileAfterItsTime_AndKeepsNoPlace()
    {
        await using (var csv = await asked.Queries.OpenCsvAsync(
            asked.Name, "select generate_series(1, 1000000000) as g, repeat('x', 500) as x", Ann, default))
        {
            var ended = await Assert.ThrowsAsync<SparkifyException>(
                () => csv.WriteAsync(new Full(), CsvForm.Raw, default).WaitAsync(TimeSpan.FromSeconds(40)));
            Assert.Equal((ProblemKind.Unavailable, "It took longer than 1 s and was stopped."), (ended.Kind, ended.Message));
        }

        await SucceedsAsync();
    }

    // The one place there is for her is free.
    private async Task SucceedsAsync()
    {
        await using var run = await asked.Queries.StartAsync(asked.Name, "select 1", Ann, default);
        Assert.Equal(QueryState.Succeeded, (await run.Completion).State);
    }

    private static async Task UnavailableAsync<T>(Func<Task<T>> asking)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(asking);
        Assert.Equal(ProblemKind.Unavailable, refusal.Kind);
        Assert.Contains("does not answer", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Takes nothing: what is written to it waits until it is given up.</summary>
    private sealed class Full : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    /// <summary>A loaded warehouse with one place for each person.</summary>
    public sealed class OnePlace : IAsyncLifetime
    {
        private LoadedWarehouse _warehouse = null!;

        internal string Name => _warehouse.Name;

        internal IQueries Queries => _warehouse.App.Services.GetRequiredService<IQueries>();

        internal IWarehouseJournal Journal => _warehouse.App.Services.GetRequiredService<IWarehouseJournal>();

        internal QueryPlaces Places => _warehouse.App.Services.GetRequiredService<QueryPlaces>();

        internal IReports Reports => _warehouse.App.Services.GetRequiredService<IReports>();

        public async Task InitializeAsync()
        {
            _warehouse = await LoadedWarehouse.ProvisionAsync(
                new { sample = new { events = 300, songs = 20, days = 2 } },
                arguments: ["--Sparkify:Queries:PerPerson", "1", "--Sparkify:Queries:CsvTimeout", "00:00:01"]);
            await _warehouse.LoadAnywayAsync();
        }

        public async Task DisposeAsync() => await _warehouse.DisposeAsync();
    }
}
