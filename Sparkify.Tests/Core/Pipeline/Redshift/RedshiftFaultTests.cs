using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>Loads on Redshift that go wrong: each ends in a sentence or mends itself, and readers keep the star of before.</summary>
public sealed class RedshiftFaultTests : IAsyncLifetime
{
    private CloudWarehouse _cloud = null!;
    private List<string> _before = null!;

    public async Task InitializeAsync()
    {
        _cloud = await CloudWarehouse.ProvisionAsync(
            [Source.Event(item: 1), Source.Event(item: 2)], [Source.Song("SO1"), Source.Song("SO2")]);
        await _cloud.LoadAsync();
        _before = await StarAsync();
        await _cloud.PutAsync("log_data/2018/11/more.json", Source.Event(item: 3));
    }

    public async Task DisposeAsync() => await _cloud.DisposeAsync();

    [Fact]
    public async Task Object_DeletedBetweenScanAndCopy_IsASentence()
    {
        _cloud.Bench.Simulator.Faults.HoldCopies();
        var run = await _cloud.StartAsync();
        await StepRunsAsync(run, "stage-events");
        await _cloud.Bench.Aws.S3.DeleteAsync(SimulatedApp.Bucket, "song_data/A/0001.json", default);
        _cloud.Bench.Simulator.Faults.ReleaseCopies();

        var ended = await _cloud.App.EndAsync(run);

        Assert.Contains("An object of the songs that was scanned is not there any more. Load again", ended.Error, StringComparison.Ordinal);
        await AssertUntouchedAsync(ended);
        await _cloud.LoadAsync();
    }

    [Fact]
    public async Task JsonPathsFile_WithTheWrongKey_IsASentenceBeforeAnythingIsLoaded()
    {
        var keys = string.Join(", ", StarSchema.StagingEvents.Columns.Select(c => $"\"$['{c.JsonKey}']\""));
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            async bench =>
            {
                await CloudWarehouse.PutAsync(bench, "log_data/1.json", Source.Event());
                await CloudWarehouse.PutAsync(bench, "song_data/1.json", Source.Song());
                await CloudWarehouse.PutAsync(bench, "paths.json", $$"""{"jsonpaths": [{{keys}}]}""");
            }, new { events = "s3://music/log_data", songs = "s3://music/song_data", jsonPaths = "s3://music/paths.json" });
        await cloud.LoadAsync();
        await cloud.PutAsync("paths.json", $$"""{"jsonPaths": [{{keys}}]}""");

        var refused = await cloud.RefusedLoadAsync();

        Assert.Contains(
            "The JSONPaths file cannot be used: it must be one object with the single key \"jsonpaths\"", refused,
            StringComparison.Ordinal);
        Assert.Equal(["Song"], await cloud.RowsAsync("select song_title from dwh.songplays"));
    }

    [Fact]
    public async Task Access_DeniedToOneObject_NamesTheRole()
    {
        _cloud.Bench.Simulator.Faults.HoldCopies();
        var run = await _cloud.StartAsync();
        await StepRunsAsync(run, "stage-events");
        _cloud.Bench.Simulator.Faults.DenyObject(SimulatedApp.Bucket, "song_data/A/0001.json");
        _cloud.Bench.Simulator.Faults.ReleaseCopies();

        var ended = await _cloud.App.EndAsync(run);

        Assert.Contains("role/sparkify/", ended.Error, StringComparison.Ordinal);
        Assert.Contains("may not read everything of the songs", ended.Error, StringComparison.Ordinal);
        await AssertUntouchedAsync(ended);
    }

    [Fact]
    public async Task Access_DeniedToTheFirstObjects_IsToldAtTheScanAsWhenCreating()
    {
        _cloud.Bench.Simulator.Faults.DenyObject(SimulatedApp.Bucket, "song_data/A/0001.json");

        var ended = await _cloud.App.RunAsync(_cloud.Name, RunKind.Load);

        Assert.StartsWith(
            "The songs object 's3://music/song_data/A/0001.json' may not be read with the AWS credentials in use", ended.Error,
            StringComparison.Ordinal);
        Assert.Equal(StepState.Failed, ended.Steps.Single(static s => s.Name == "scan").State);
        await AssertUntouchedAsync(ended);
    }

    [Fact]
    public async Task BadRecords_OfEveryKind_AreRejectsWithFileLineAndRecord()
    {
        string[] lines =
        [
            Source.Event(item: 4), Source.Event(item: 5).Replace("\"sessionId\":1", "\"sessionId\":\"x\"", StringComparison.Ordinal),
            Source.Event(item: 6, level: new string('x', 33)), "{\"page\": \"NextSong\", ", Source.Event(item: 7)
                .Replace("1541105830796,\"user", "\"soon\",\"user", StringComparison.Ordinal),
            Source.Event(item: 8).Replace(
                "\"itemInSession\":8", "\"itemInSession\":99999999999", StringComparison.Ordinal), Source.Event(item: 9),
        ];
        await _cloud.PutAsync("log_data/bad.json", string.Join('\n', lines));

        var run = await _cloud.LoadAsync();

        var rejects = (await _cloud.Bench.GetAsync($"/api/v1/warehouses/{_cloud.Name}/rejects?run={run.Id}")).GetProperty("items")
            .EnumerateArray().ToList();
        Assert.Equal(run.Rejects, rejects.Count);
        Assert.All(rejects, r => Assert.Equal("bad.json", r.GetProperty("file").GetString()));
        foreach (var (line, column) in ((int, string?)[])[(2, "session_id"), (3, "level"), (4, null), (5, "ts"), (6, "item_in_session")])
        {
            var reject = Assert.Single(rejects, r => r.GetProperty("line").GetInt64() == line);
            Assert.Equal(column, reject.GetProperty("column").GetString());
            Assert.Equal(lines[line - 1], reject.GetProperty("raw").GetString());
            Assert.Equal(lines[..(line - 1)].Sum(l => l.Length + 1), reject.GetProperty("offset").GetInt64());
            Assert.Contains("Redshift's code", reject.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(["1", "2", "3", "4", "9"], await _cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    [Fact]
    public async Task BadRecords_ThatReachTheLimit_FailTheLoadAndAreKept()
    {
        await _cloud.App.Http.PatchAsJsonAsync($"/api/v1/warehouses/{_cloud.Name}", new { maxRejects = 2 });
        await _cloud.PutAsync("log_data/bad.json", "{\n" + Source.Event(item: 4) + "\nnonsense");

        var ended = await _cloud.App.RunAsync(_cloud.Name, RunKind.Load);

        Assert.Contains(
            "2 bad records met, and this load fails at 2. The last one is in s3://music/log_data/bad.json", ended.Error,
            StringComparison.Ordinal);
        Assert.Equal(2, (await _cloud.Bench.GetAsync($"/api/v1/warehouses/{_cloud.Name}/rejects?run={ended.Id}")).GetProperty("total")
            .GetInt64());
        await AssertUntouchedAsync(ended);
    }

    [Fact]
    public async Task Connection_LostDuringCopy_TheCopyIsTakenUpAndNotRepeated()
    {
        _cloud.Bench.Simulator.Faults.CopyPause = TimeSpan.FromMilliseconds(700);
        _cloud.Bench.Simulator.Faults.DropDuringCopy();

        var run = await _cloud.LoadAsync();

        Assert.Equal(2, run.Steps.Single(s => s.Name == "stage-events").Attempt);
        Assert.Equal(1, await CopiesAsync(run.Id, "stage-events"));
        Assert.Contains(await LogAsync(run.Id), l => l.Contains(
            "waiting for it instead of loading twice", StringComparison.Ordinal) || l.Contains("taken as it is", StringComparison.Ordinal));
        Assert.Equal(["1", "2", "3"], await _cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    [Fact]
    public async Task Error1023_AtPublish_IsTriedAgain()
    {
        _cloud.Bench.Simulator.Faults.FailNextStatement("insert into dwh.users", times: 2);

        var run = await _cloud.LoadAsync();

        Assert.Equal(2, (await LogAsync(run.Id)).Count(l => l.Contains("error 1023", StringComparison.Ordinal)));
        Assert.Equal(["1", "2", "3"], await _cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    [Fact]
    public async Task Error1023_AgainAndAgain_EndsInASentence()
    {
        _cloud.Bench.Simulator.Faults.FailNextStatement("insert into dwh.users", times: 100);

        var ended = await _cloud.App.RunAsync(_cloud.Name, RunKind.Load);

        Assert.Contains("Other transactions wrote to the star 6 times while it was published", ended.Error, StringComparison.Ordinal);
        await AssertUntouchedAsync(ended);
        _cloud.Bench.Simulator.Faults.Clear();
        var retried = await _cloud.App.Http.PostAsync(new Uri($"/api/v1/runs/{ended.Id}/retry", UriKind.Relative), null);
        Assert.True(retried.IsSuccessStatusCode);
        Assert.Equal(RunState.Succeeded, (await _cloud.App.EndAsync(ended.Id)).State);
    }

    [Fact]
    public async Task Cancel_DuringCopy_EndsTheCopyInTheCluster()
    {
        _cloud.Bench.Simulator.Faults.HoldCopies();
        var run = await _cloud.StartAsync();
        await StepRunsAsync(run, "stage-events");
        await Eventually.BecomesAsync(() => CopiesAsync(run, "stage-events"), n => n == 1);

        await _cloud.App.Http.PostAsync(new Uri($"/api/v1/runs/{run}/cancel", UriKind.Relative), null);
        var ended = await _cloud.App.EndAsync(run);

        Assert.Equal(RunState.Cancelled, ended.State);
        await using var db = await _cloud.OpenAsync(WarehouseRole.Loader);
        Assert.Equal("canceled", await db.ExecuteScalarAsync<string>(
            $"select trim(status) from sys_query_history where query_label like 'sparkify:{run}:%' and query_type = 'COPY'"));
        Assert.Equal(0, await db.ExecuteScalarAsync<long>("select count(*) from dwh_build.staging_events"));
        _cloud.Bench.Simulator.Faults.ReleaseCopies();
        Assert.Equal(_before, await StarAsync());
    }

    [Fact]
    public async Task Kill_OfTheApplicationDuringCopy_TheNextStartTakesTheCopyUp()
    {
        var simulator = _cloud.Bench.Simulator;
        await using var db = await _cloud.OpenAloneAsync(WarehouseRole.Loader);
        await _cloud.App.StopAsync();
        await using var app = await AppProcess.StartAsync(_cloud.App, SimulatedApp.Arguments(simulator));
        simulator.Faults.HoldCopies();
        var run = (await app.PostAsync($"/api/v1/warehouses/{_cloud.Name}/runs", new { kind = "load" })).GetProperty("id").GetInt64();
        await Eventually.BecomesAsync(() => CopiesAsync(db, run, "stage-events"), n => n == 1);

        await app.KillAsync();
        await _cloud.Bench.RestartAsync();
        await Eventually.BecomesAsync(async () => string.Join('\n', await LogAsync(run)), log => log.Contains(
            "waiting for it instead of loading twice", StringComparison.Ordinal));
        simulator.Faults.ReleaseCopies();
        var ended = await _cloud.App.EndAsync(run);

        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Equal(1, await CopiesAsync(run, "stage-events"));
        Assert.Equal(["1", "2", "3"], await _cloud.RowsAsync("select item_in_session from dwh.songplays"));
    }

    [Fact]
    public async Task Cluster_ThatHasLostItsRole_IsASentence()
    {
        var cluster = Assert.Single(await _cloud.Bench.Aws.Redshift.ListClustersAsync(null, null, default));
        await _cloud.Bench.Aws.Redshift.ChangeRolesAsync(cluster.Id, [], [.. cluster.Roles.Keys], default);

        var ended = await _cloud.App.RunAsync(_cloud.Name, RunKind.Load);

        Assert.Contains("role", ended.Error, StringComparison.Ordinal);
        Assert.Contains("Provision the warehouse", ended.Error, StringComparison.Ordinal);
        await AssertUntouchedAsync(ended);
    }

    [Fact]
    public async Task StagingLocation_ThatMayNotBeWritten_SaysWhatToGive()
    {
        _cloud.Bench.Simulator.Faults.Deny("PutObject");

        var ended = await _cloud.App.RunAsync(_cloud.Name, RunKind.Load);

        Assert.Contains("they lack s3:PutObject on arn:aws:s3:::music/sparkify-staging/", ended.Error, StringComparison.Ordinal);
        Assert.Contains("give the warehouse a staging location", ended.Error, StringComparison.Ordinal);
        await AssertUntouchedAsync(ended);
    }

    private Task<JsonElement> StepRunsAsync(long run, string step) => Eventually.BecomesAsync(
        () => _cloud.Bench.GetAsync($"/api/v1/runs/{run}"),
        view => view.GetProperty("steps").EnumerateArray()
            .Any(s => s.GetProperty("name").GetString() == step && s.GetProperty("state").GetString() == "running"));

    private async Task<long> CopiesAsync(long run, string step)
    {
        await using var db = await _cloud.OpenAsync(WarehouseRole.Loader);
        return await CopiesAsync(db, run, step);
    }

    private static Task<long> CopiesAsync(NpgsqlConnection db, long run, string step) =>
        db.ExecuteScalarAsync<long>(
            $"select count(*) from sys_query_history where query_label like 'sparkify:{run}:{step}:%' and query_type = 'COPY'");

    private async Task<List<string>> LogAsync(long run) =>
        [.. (await _cloud.Bench.GetAsync($"/api/v1/runs/{run}/log")).EnumerateArray().Select(l => l.GetProperty("message").GetString()!)];

    private async Task<List<string>> StarAsync() =>
        [.. await _cloud.RowsAsync("select * from dwh.songplays"), .. await _cloud.RowsAsync(
            "select * from dwh.songs"), .. await _cloud.RowsAsync("select * from dwh.staging_events")];

    private async Task AssertUntouchedAsync(RunView ended)
    {
        Assert.Equal(RunState.Failed, ended.State);
        Assert.Equal(_before, await StarAsync());
        Assert.DoesNotContain(await _cloud.KeysAsync("sparkify-staging/"), k => k.EndsWith(".gz", StringComparison.Ordinal));
    }
}
