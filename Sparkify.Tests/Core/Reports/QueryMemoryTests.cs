using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Reports;

/// <summary>As many of the worst queries at once as there are places, on a real server: what they use together, and who is ended.</summary>
[Collection(Alone.Name)]
public sealed class QueryMemoryTests(QueryMemoryTests.Limited limited) : IClassFixture<QueryMemoryTests.Limited>
{
    private const int MemoryMegabytes = 1024, DiskMegabytes = 512, Places = 9;
    private static readonly Actor Ann = new("ann");

    /// <summary>Each of these takes more than a gigabyte when nobody stops it.</summary>
    private static readonly string[] Worst =
    [
        "select array_agg(repeat('x', 8000)) from generate_series(1, 2000000)",
        "select array_agg(md5(g::text)) from (select generate_series(1, 200000000) as g) x",
        "select jsonb_agg(repeat('x', 2000)) from generate_series(1, 3000000)",
        "select max(x) from (select string_agg(repeat('x', 50000), '') as x from generate_series(1, 60000) g group by g % 3) y",
        "select length(repeat('x', 1000000000)), length(repeat('y', 1000000000))",
        "select repeat('x', 900000000)",
        "select json_agg(g) from (select generate_series(1, 200000000) as g, repeat('x', 1000) as x) g",
        "select array_agg(array[repeat('x', 5000), g::text]) from generate_series(1, 1000000) g",
    ];

    [Fact]
    public async Task WorstQueries_InEveryPlace_StayBelowTheMemoryOfAll_AndASmallOneSurvives()
    {
        await using var small = await limited.Queries.StartAsync(
            limited.Name, "select count(*) from songplays, (select pg_sleep(3)) s", Ann, default);
        await using var watcher = new Watcher(limited.Administrator, new LocalNames(limited.Name).Reporter);
        var runs = await Task.WhenAll(Worst.Select(sql => limited.Queries.StartAsync(limited.Name, sql, Ann, default)));
        var ends = await Task.WhenAll(runs.Select(static r => r.Completion)).WaitAsync(TimeSpan.FromSeconds(100));
        var peak = await watcher.EndAsync();

        Assert.True(peak < MemoryMegabytes, $"They used {peak} MB.");
        Assert.True(peak > MemoryMegabytes / 4, $"They used no more than {peak} MB, so nothing was seen.");
        Assert.All(ends.Zip(Worst), static e => Assert.True(
            e.First.Error is { } error && error.Message.StartsWith("This query was stopped because it was using ", StringComparison.Ordinal)
                && error.Message.Contains("1,024 MB (Sparkify:Queries:MemoryMegabytes)", StringComparison.Ordinal),
            $"{e.Second}: {e.First.State}, {e.First.Error?.Message}"));
        Assert.Equal(QueryState.Succeeded, (await small.Completion).State);
        foreach (var run in runs)
        {
            await run.DisposeAsync();
        }
    }

    [Fact]
    public async Task Csv_ThatTakesTooMuchMemory_IsEndedWithASentence_BeforeAndAmongItsRows()
    {
        var before = await Assert.ThrowsAsync<SparkifyException>(() => limited.Queries.OpenCsvAsync(limited.Name, Worst[0], Ann, default));
        Assert.StartsWith("This query was stopped because it was using ", before.Message, StringComparison.Ordinal);
        var explained = await Assert.ThrowsAsync<SparkifyException>(
            () => limited.Queries.ExplainAsync(limited.Name, Worst[0], Ann, default, measured: true));
        Assert.StartsWith("This query was stopped because it was using ", explained.Message, StringComparison.Ordinal);

        await using var csv = await limited.Queries.OpenCsvAsync(
            limited.Name, "select 1 as n, 'x' as x union all select 2, array_agg(repeat('x', 8000))::text from generate_series(1, 2000000)",
            Ann, default);
        var among = await Assert.ThrowsAsync<SparkifyException>(() => csv.WriteAsync(Stream.Null, CsvForm.Raw, default));
        Assert.StartsWith("This query was stopped because it was using ", among.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sorts_ThatFillTheDisk_AreEndedWithASentence_AndASmallOneSurvives()
    {
        await using var small = await limited.Queries.StartAsync(
            limited.Name, "select count(*) from songplays, (select pg_sleep(3)) s", Ann, default);
        var runs = await Task.WhenAll(Enumerable.Range(1, 3).Select(n => limited.Queries.StartAsync(
            limited.Name,
            $"select count(*) from (select g, repeat(md5(g::text), 30) as x from generate_series(1, 3000000) g order by x offset {n}) y",
            Ann, default)));
        var ends = await Task.WhenAll(runs.Select(static r => r.Completion)).WaitAsync(TimeSpan.FromSeconds(100));

        Assert.All(ends, static end => Assert.Matches(
            "^This query was stopped because it was using [0-9,]+ MB of disk .* limit of 512 MB \\(Sparkify:Queries:DiskMegabytes\\)", end.Error?.Message));
        Assert.Equal(QueryState.Succeeded, (await small.Completion).State);
        foreach (var run in runs)
        {
            await run.DisposeAsync();
        }
    }

    /// <summary>A loaded warehouse under known limits, with more places than there are worst queries.</summary>
    public sealed class Limited : IAsyncLifetime
    {
        private LoadedWarehouse _warehouse = null!;

        internal string Name => _warehouse.Name;

        internal IQueries Queries => _warehouse.App.Services.GetRequiredService<IQueries>();

        internal string Administrator => new NpgsqlConnectionStringBuilder(_warehouse.App.Store) { Pooling = false }.ConnectionString;

        public async Task InitializeAsync()
        {
            _warehouse = await LoadedWarehouse.ProvisionAsync(
                new { sample = new { events = 300, songs = 20, days = 2 } },
                arguments:
                [
                    "--Sparkify:Queries:AtOnce", $"{Places}", "--Sparkify:Queries:PerPerson", $"{Places}",
                    "--Sparkify:Queries:MemoryMegabytes", $"{MemoryMegabytes}", "--Sparkify:Queries:DiskMegabytes", $"{DiskMegabytes}",
                ]);
            await _warehouse.LoadAnywayAsync();
        }

        public async Task DisposeAsync() => await _warehouse.DisposeAsync();
    }

    /// <summary>Looks by itself at what all processes of a role use.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task<long> _looking;

        public Watcher(string server, string role) => _looking = Task.Run(() => LookAsync(server, role));

        public async Task<long> EndAsync()
        {
            await _end.CancelAsync();
            return await _looking;
        }

        public async ValueTask DisposeAsync() => await EndAsync();

        private async Task<long> LookAsync(string server, string role)
        {
            await using var db = new NpgsqlConnection(server);
            var most = 0L;
            while (!_end.IsCancellationRequested)
            {
                var pids = await db.QueryAsync<int>("select pid from pg_stat_activity where usename = @role", new { role });
                most = Math.Max(most, pids.Sum(Kilobytes) >> 10);
            }

            return most;
        }

        private static long Kilobytes(int pid)
        {
            try
            {
                var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(
                    static l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
                return line is null ? 0 : long.Parse(line["RssAnon:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return 0; // it has ended meanwhile
            }
        }
    }
}
