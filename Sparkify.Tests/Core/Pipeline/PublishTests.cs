using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

public sealed class PublishTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Readers_WhileLoadsPublish_SeeOneWholeStarAfterAnother()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 400));
        await warehouse.LoadAsync();
        using var done = new CancellationTokenSource();
        var seen = ReadAsync(warehouse, done.Token);

        foreach (var plays in new[] { 100, 300, 200 })
        {
            Write(plays);
            await warehouse.LoadAnywayAsync(); // a quarter of the star of before is not believed by itself
        }

        await done.CancelAsync();
        var counts = await seen;
        Assert.All(counts, c => Assert.Equal(c.Plays, c.Moments));
        Assert.Equal([400L, 100, 300, 200], counts.Select(c => c.Plays)
            .Aggregate(new List<long>(), (all, n) => all.Count > 0 && all[^1] == n ? all : [.. all, n]));
    }

    [Fact]
    public async Task Publish_WhileAReaderIsInItsTransaction_WaitsForItAndTheReaderStaysOnOneStar()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 10));
        await warehouse.LoadAsync();
        await using var reader = await warehouse.OpenAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        Assert.Equal(10, await reader.ExecuteScalarAsync<long>("select count(*) from songplays"));
        Write(plays: 20);
        var runs = warehouse.App.Services.GetRequiredService<IRuns>();
        var run = await runs.StartAsync(warehouse.Name, RunKind.Load, Sparkify.Core.Common.Actor.System, CancellationToken.None);

        await Eventually.BecomesAsync(
            async () => (await runs.FindAsync(run.Id, CancellationToken.None))!.Steps.Single(s => s.Name == "publish").Message,
            message => message?.Contains("Waiting for readers", StringComparison.Ordinal) ?? false);
        Assert.Equal(10, await reader.ExecuteScalarAsync<long>("select count(*) from time"));
        await transaction.CommitAsync();

        Assert.Equal(RunState.Succeeded, (await warehouse.App.EndAsync(run.Id)).State);
        Assert.Equal(20, await reader.ExecuteScalarAsync<long>("select count(*) from time"));
    }

    [Fact]
    public async Task Publish_ReaderOfOurOwnStaysTooLong_IsNamedAndThenEnded()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Write(plays: 10), arguments: ["--Sparkify:Load:ReaderPatience", "00:00:08"]);
        await warehouse.LoadAsync();
        await using var reader = await warehouse.OpenAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        Assert.Equal(10, await reader.ExecuteScalarAsync<long>("select count(*) from songplays"));
        Write(plays: 20);
        var runs = warehouse.App.Services.GetRequiredService<IRuns>();
        var run = await runs.StartAsync(warehouse.Name, RunKind.Load, Sparkify.Core.Common.Actor.System, CancellationToken.None);

        // While it waits it holds no worker, and says for whom and how long.
        var waiting = await Eventually.BecomesAsync(
            async () => (await runs.FindAsync(run.Id, CancellationToken.None))!, view => view.WaitsFor is not null);
        Assert.Matches(
            $@"^Waiting for readers of the old star: process {reader.ProcessID} \(sparkify_{warehouse.Name}_reporter, sparkify Reporter, idle in transaction for \d+ s\)\. Sessions of the warehouse's own users are ended when 8 s have passed$",
            waiting.WaitsFor);
        var ended = await warehouse.App.EndAsync(run.Id);

        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Contains(
            await runs.LogAsync(run.Id, 0, 200, CancellationToken.None),
            l => l.Level == RunLogLevel.Warning && l.Message.StartsWith($"Ended process {reader.ProcessID} ", StringComparison.Ordinal));
        Assert.Contains("20", await warehouse.RowsAsync("select count(*) n from songplays") is [var count] ? count : "");
    }

    [Fact]
    public async Task Publish_ReaderOfSomebodyElseStaysTooLong_FailsWithItsNameAndCanBeRetried()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Write(plays: 10), arguments: ["--Sparkify:Load:ReaderPatience", "00:00:02"]);
        await warehouse.LoadAsync();
        await using var stranger = new Npgsql.NpgsqlConnection(new Npgsql.NpgsqlConnectionStringBuilder(warehouse.App.Store)
        {
            Database = $"sparkify_{warehouse.Name}",
            ApplicationName = "a forgotten psql",
            Pooling = false,
        }.ConnectionString);
        await stranger.OpenAsync();
        await using var transaction = await stranger.BeginTransactionAsync();
        Assert.Equal(10, await stranger.ExecuteScalarAsync<long>("select count(*) from dwh.songplays"));
        Write(plays: 20);

        var failed = await warehouse.TryLoadAsync();

        Assert.Equal(RunState.Failed, failed.State);
        Assert.Contains($"process {stranger.ProcessID} (sparkify, a forgotten psql, idle in transaction for", failed.Error);
        Assert.Contains($"select pg_terminate_backend({stranger.ProcessID})", failed.Error);
        Assert.Equal(10, await stranger.ExecuteScalarAsync<long>("select count(*) from dwh.songplays"));
        await transaction.RollbackAsync();
        var runs = warehouse.App.Services.GetRequiredService<IRuns>();
        await runs.RetryAsync(failed.Id, Sparkify.Core.Common.Actor.System, CancellationToken.None);
        Assert.Equal(RunState.Succeeded, (await warehouse.App.EndAsync(failed.Id)).State);
    }

    [Fact]
    public async Task Build_EmptiedBehindTheLoadsBack_IsBegunAgainAtTheScanAndNeverBuiltFrom()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 50));
        var runs = warehouse.App.Services.GetRequiredService<IRuns>();
        await warehouse.LoadAsync();
        // Holds the load before its publish until what was built has been emptied behind its back.
        await using var loader = await warehouse.OpenAsync(WarehouseRole.Loader);
        await using var holding = await loader.BeginTransactionAsync();
        await loader.ExecuteAsync("lock table dwh.songplays in access share mode");
        var run = await runs.StartAsync(warehouse.Name, RunKind.Load, Sparkify.Core.Common.Actor.System, CancellationToken.None);
        await Eventually.BecomesAsync(
            async () =>
                (await runs.FindAsync(run.Id, CancellationToken.None))!.Steps.Single(s => s.Name == "publish").State, state =>
                    state == StepState.Running);
        await using (var other = await warehouse.OpenAsync(WarehouseRole.Loader))
        {
            await other.ExecuteAsync("truncate dwh_build.load, dwh_build.staging_events, dwh_build.staging_songs");
        }

        // A session that breaks is what makes a run ask where to go on.
        await using (var store = new Npgsql.NpgsqlConnection(warehouse.App.Store + ";Pooling=false"))
        {
            await store.OpenAsync();
            await store.ExecuteAsync(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = @database and application_name = 'sparkify Loader' and pid <> @own",
                new { database = $"sparkify_{warehouse.Name}", own = loader.ProcessID });
        }

        await holding.RollbackAsync();
        var ended = await warehouse.App.EndAsync(run.Id);

        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Equal(2, ended.Steps.Single(s => s.Name == "scan").Attempt);
        Assert.Equal(["(50)"], await warehouse.RowsAsync("select count(*) n from songplays"));
    }

    [Fact]
    public async Task Checks_TamperedBuild_FailWithNumbersAndAreKept()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 10));
        var run = await warehouse.LoadAsync();
        await using (var loader = await warehouse.OpenAsync(WarehouseRole.Loader))
        {
            // A build as a load leaves it before its checks, with two plays missing and a song that has no artist.
            await loader.ExecuteAsync(
                """
                alter schema dwh rename to dwh_build;
                delete from dwh_build.songplays where item_in_session < 2;
                alter table dwh_build.songs drop constraint songs_artist_id_fkey;
                alter table dwh_build.songplays drop constraint songplays_artist_id_fkey;
                delete from dwh_build.artists;
                """);
        }

        var described = await warehouse.App.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse.Name, CancellationToken.None);
        var database = warehouse.App.Services.GetRequiredService<IWarehouseDatabases>().Open(described, WarehouseRole.Loader);
        var step = new StepContext(
            run.Id, warehouse.Name, "test", 1, DateTimeOffset.UnixEpoch, new StepProgress(), TimeProvider.System, (_, _) => { },
            static _ => { });
        var records = warehouse.App.Services.GetRequiredService<LoadRecords>();

        var refused = await Assert.ThrowsAsync<Sparkify.Core.Common.SparkifyException>(
            () =>
                new ChecksStep(
                    keysAreEnforced: true, records, warehouse.App.Services.GetRequiredService<ITables>(), TimeProvider.System)
                    .RunAsync(new LoadContext(described, database, step), CancellationToken.None));

        Assert.Contains("nothing was published", refused.Message);
        var failed = (await records.ChecksAsync(warehouse.Name, run.Id, CancellationToken.None)).Where(c => !c.Passed)
            .ToDictionary(c => c.Name, c => c.Found);
        Assert.Equal(2, failed["songplays_complete"]);
        Assert.Equal(1, failed["songs_artist_id_known"]);
        await using var mend = await warehouse.OpenAsync(WarehouseRole.Loader);
        await mend.ExecuteAsync("create schema if not exists dwh");
    }

    [Fact]
    public async Task Resume_BuildIsGone_BeginsAgainAtTheScan()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 10));
        var run = await warehouse.LoadAsync();
        var definition = warehouse.App.Services.GetServices<IRunDefinition>().Single(d => d.Kind == RunKind.Load);
        var steps = run.Steps.Select(s => s.Name).ToList();

        // What this run published is there, its build is not: before the publish it must begin again, after it need not.
        Assert.Equal(0, await definition.ResumeAtAsync(warehouse.Name, run.Id, steps.IndexOf("users"), CancellationToken.None));
        Assert.Equal(steps.IndexOf("counts"), await definition.ResumeAtAsync(
            warehouse.Name, run.Id, steps.IndexOf("counts"), CancellationToken.None));
        Assert.Equal(0, await definition.ResumeAtAsync(warehouse.Name, run.Id + 1, steps.IndexOf("counts"), CancellationToken.None));
    }

    [Fact]
    public async Task Published_TablesAreDurable()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 10));
        await warehouse.LoadAsync();

        Assert.Empty(await warehouse.RowsAsync(
            "select relname from pg_class where relnamespace = 'dwh'::regnamespace and relkind = 'r' and relpersistence <> 'p'"));
    }

    private object Write(int plays) => Source.Write(
        _folder, Enumerable.Range(0, plays).Select(i => Source.Event(item: i, ts: 1541105830796 + i)), [Source.Song()]);

    private static async Task<List<(long Plays, long Moments)>> ReadAsync(LoadedWarehouse warehouse, CancellationToken done)
    {
        List<(long, long)> seen = [];
        await using var db = await warehouse.OpenAsync();
        while (!done.IsCancellationRequested)
        {
            // Two tables in one statement: were they of two stars, the numbers would differ.
            seen.Add(await db.QuerySingleAsync<(long, long)>("select (select count(*) from songplays), (select count(*) from time)"));
        }

        return seen;
    }
}
