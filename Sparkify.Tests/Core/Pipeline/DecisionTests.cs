using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Loads whose star can hardly be true: they wait for a person, and readers keep what they had.</summary>
public sealed class DecisionTests : IDisposable
{
    private const string Plays = "select count(*) as n from songplays";
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reload_WithKeysRenamed_WaitsAndIsPublishedWhenSomebodySaysSo()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Renamed());

        Assert.Contains("None of 20 events is a play", run.Decision!.Asks, StringComparison.Ordinal);
        Assert.Equal((RunState.NeedsDecision, false, null), (run.State, run.Active, run.FinishedAt));
        Assert.Equal(StepState.Pending, run.Steps.Single(static s => s.Name == "publish").State);
        Assert.Equal(["(20)"], await warehouse.RowsAsync(Plays)); // readers keep theirs

        var answer = await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/publish?why=%20The%20feed%20is%20new.%20");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var ended = await warehouse.App.EndAsync(run.Id);
        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Equal(
            (RunAnswer.Publish, "The feed is new."), (ended.Decision!.Answer!.Value, ended.Decision.Why));
        Assert.True(ended.Warnings > 0); // published, and still no plain success
        Assert.Equal(["(0)"], await warehouse.RowsAsync(Plays));
        Assert.Equal(1, ended.Steps.Single(static s => s.Name == "checks").Attempt); // nothing was built again
        var log = await Runs(warehouse.App).LogAsync(run.Id, 0, 1000, None);
        Assert.Contains(log, static l => l.Message.StartsWith("To be published anyway, said ", StringComparison.Ordinal)
            && l.Message.EndsWith("Why: The feed is new.", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/discard")).StatusCode);
    }

    [Fact]
    public async Task Reload_OfHalfTheData_Discarded_LeavesTheStarOfBefore()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(9));

        Assert.Equal("Far fewer than in the star of before: 9 plays (were 20).", run.Decision!.Asks);
        var answer = await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/discard?why=A%20day%20is%20missing");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var ended = (await Runs(warehouse.App).FindAsync(run.Id, None))!;
        Assert.Equal((RunState.Discarded, RunAnswer.Discard), (ended.State, ended.Decision!.Answer!.Value));
        Assert.NotNull(ended.FinishedAt);
        Assert.Equal(["(20)"], await warehouse.RowsAsync(Plays));
        // It cannot be taken up again, and nobody is kept from the next load.
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/retry")).StatusCode);
        Source.Write(_folder, Events(20), [Source.Song()]);
        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings);
    }

    [Fact]
    public async Task Decision_IsStillAskedAfterARestart()
    {
        var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));
        await warehouse.App.StopAsync();

        await using var again = await TestApp.StartAsync(after: warehouse.App);

        Assert.Equal(RunState.NeedsDecision, (await Runs(again).FindAsync(run.Id, None))!.State);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(again, $"/api/v1/runs/{run.Id}/publish")).StatusCode);
        var ended = await again.EndAsync(run.Id);
        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Equal(3, (await again.CountsAsync(warehouse.Name))["songplays"]);
        await again.RunAsync(warehouse.Name, RunKind.Teardown);
    }

    [Fact]
    public async Task Decision_ANewLoad_EndsIt()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));
        Source.Write(_folder, Events(21), [Source.Song()]);

        var next = await warehouse.LoadAsync();

        AssertEnded(await Runs(warehouse.App).FindAsync(run.Id, None), $"Run {next.Id}, a load, was started before anybody decided.");
        Assert.Equal(["(21)"], await warehouse.RowsAsync(Plays));
    }

    [Fact]
    public async Task Decision_ATeardown_EndsIt()
    {
        var warehouse = await LoadedAsync();
        await using var app = warehouse.App;
        var run = await AskAsync(warehouse, Events(3));

        var down = await warehouse.App.RunAsync(warehouse.Name, RunKind.Teardown);

        Assert.Equal(RunState.Succeeded, down.State);
        AssertEnded(await Runs(warehouse.App).FindAsync(run.Id, None), $"Run {down.Id}, a teardown, was started before anybody decided.");
    }

    [Fact]
    public async Task Decision_AnotherLimit_EndsIt_AndJudgesTheNextLoad()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(9));
        var path = $"/api/v1/warehouses/{warehouse.Name}";

        // The same again is no change.
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(warehouse.App, path, new { leastOfPublished = 50 })).StatusCode);
        Assert.Equal(RunState.NeedsDecision, (await Runs(warehouse.App).FindAsync(run.Id, None))!.State);
        Assert.Equal(HttpStatusCode.BadRequest, (await PatchAsync(warehouse.App, path, new { leastOfPublished = 101 })).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(warehouse.App, path, new { leastOfPublished = 40 })).StatusCode);

        AssertEnded(await Runs(warehouse.App).FindAsync(run.Id, None), "The limits were changed");
        var limits = (await warehouse.App.Http.GetFromJsonAsync<JsonElement>(path)).GetProperty("decisionLimits");
        Assert.Equal((40, 5), (limits.GetProperty("leastOfPublished").GetInt32(), limits.GetProperty("leastWithField").GetInt32()));
        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings); // 9 of 20 is enough now
    }

    [Fact]
    public async Task Limits_OfZero_NeverAsk()
    {
        await using var warehouse = await LoadedAsync();
        await PatchAsync(warehouse.App, $"/api/v1/warehouses/{warehouse.Name}", new { leastOfPublished = 0, leastWithField = 0 });
        Source.Write(_folder, Events(1).Select(static e => Without(e, "artist")), [Source.Song()]);

        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings - KeysMissing);
    }

    // The key that is in no record is a warning of its own.
    private const int KeysMissing = 1;

    [Fact]
    public async Task Decision_AnsweredByTwoAtOnce_CountsOnce()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            at => PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/{(at % 2 == 0 ? "publish" : "discard")}")));

        Assert.Single(answers, static a => a.IsSuccessStatusCode);
        Assert.All(answers.Where(static a => !a.IsSuccessStatusCode), static a => Assert.Equal(HttpStatusCode.Conflict, a.StatusCode));
        var ended = await warehouse.App.EndAsync(run.Id);
        Assert.Equal(ended.State == RunState.Succeeded ? "(3)" : "(20)", Assert.Single(await warehouse.RowsAsync(Plays)));
    }

    [Fact]
    public async Task Decision_Cancelled_IsDiscarded()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/cancel")).StatusCode);

        Assert.Equal(RunState.Discarded, (await Runs(warehouse.App).FindAsync(run.Id, None))!.State);
    }

    [Fact]
    public async Task Decision_FollowedLive_EndsTheStreamWithTheQuestion()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));

        var events = await warehouse.App.Http.GetStringAsync($"/api/v1/runs/{run.Id}/events"); // ends by itself

        Assert.Contains("\"state\":\"needsDecision\"", events, StringComparison.Ordinal);
        Assert.Contains("Far fewer", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ForWhatWasFound_IsAskedAgainWhenSomethingElseIsFound()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));
        // The build is lost before it is published, and the source is another one by then.
        await using (var db = await warehouse.OpenAsync(WarehouseRole.Loader))
        {
            await using var drop = new Npgsql.NpgsqlCommand("drop schema dwh_build cascade", db);
            await drop.ExecuteNonQueryAsync();
        }

        Source.Write(_folder, Events(2), [Source.Song()]);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/publish")).StatusCode);

        var asked = await warehouse.App.EndAsync(run.Id);

        Assert.Equal(RunState.NeedsDecision, asked.State);
        Assert.Equal(
            ("Far fewer than in the star of before: 2 plays (were 20).", null), (asked.Decision!.Asks, asked.Decision.Answer));
    }

    [Fact]
    public async Task FirstLoad_HasNothingToCompareWith_AndSaysSo()
    {
        await using var warehouse = await LoadedAsync();

        var checks = await warehouse.App.Services.GetRequiredService<ILoadRecords>().ChecksAsync(warehouse.Name, null, None);

        var check = checks.Single(static c => c.Name == "near_the_published");
        Assert.Equal((CheckOutcome.Passed, "Nothing is published yet to compare with."), (check.Outcome, check.Detail));
    }

    [Fact]
    public async Task Reload_OfFewerDays_Asks()
    {
        const long Day = 86_400_000;
        await using var warehouse = await LoadedAsync(
            Enumerable.Range(0, 20).Select(static i => Source.Event(item: i, ts: 1541105830796 + (i * Day))));

        var run = await AskAsync(warehouse, Events(20));

        Assert.Equal("Far fewer than in the star of before: 1 day with plays (were 20).", run.Decision!.Asks);
    }

    [Fact]
    public async Task Redshift_Decision_OutlivesAPause_AndIsPublishedAfterwards()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(Events(20), [Source.Song()]);
        await cloud.LoadAsync();
        await cloud.PutAsync("log_data/2018/11/events.json", string.Join('\n', Events(3)));
        var run = await cloud.App.RunAsync(cloud.Name, RunKind.Load);
        Assert.Equal(RunState.NeedsDecision, run.State);
        Assert.Equal(["20"], await cloud.RowsAsync("select count(*) from dwh.songplays"));

        Assert.Equal(RunState.Succeeded, (await cloud.App.RunAsync(cloud.Name, RunKind.Pause)).State);
        var refused = await PostAsync(cloud.App, $"/api/v1/runs/{run.Id}/publish");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("is paused: resume it first", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(RunState.Succeeded, (await cloud.App.RunAsync(cloud.Name, RunKind.Resume)).State);

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(cloud.App, $"/api/v1/runs/{run.Id}/publish")).StatusCode);
        var ended = await cloud.App.EndAsync(run.Id);
        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        Assert.Equal(["3"], await cloud.RowsAsync("select count(*) from dwh.songplays"));
    }

    [Fact]
    public async Task Why_TooLong_IsRefusedAndLosesNothing()
    {
        await using var warehouse = await LoadedAsync();
        var run = await AskAsync(warehouse, Events(3));

        var answer = await PostAsync(warehouse.App, $"/api/v1/runs/{run.Id}/publish?why={new string('x', 1001)}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(RunState.NeedsDecision, (await Runs(warehouse.App).FindAsync(run.Id, None))!.State);
    }

    private static IRuns Runs(TestApp app) => app.Services.GetRequiredService<IRuns>();

    private static IEnumerable<string> Events(int count) => Enumerable.Range(0, count).Select(static item => Source.Event(item: item));

    private static IEnumerable<string> Renamed() =>
        Events(20).Select(static e => e.Replace("\"page\"", "\"page_name\"", StringComparison.Ordinal));

    private static string Without(string record, string key)
    {
        var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(record)!;
        fields.Remove(key);
        return JsonSerializer.Serialize(fields);
    }

    private static void AssertEnded(RunView? run, string why)
    {
        Assert.Equal((RunState.Discarded, RunAnswer.Discard), (run!.State, run.Decision!.Answer!.Value));
        Assert.StartsWith(why, run.Decision.Why, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(TestApp app, string path) => app.Http.PostAsync(path, content: null);

    private static Task<HttpResponseMessage> PatchAsync(TestApp app, string path, object limits) =>
        app.Http.PatchAsJsonAsync(path, new { decisionLimits = limits });

    private async Task<LoadedWarehouse> LoadedAsync(IEnumerable<string>? events = null)
    {
        var warehouse = await LoadedWarehouse.ProvisionAsync(Source.Write(_folder, events ?? Events(20), [Source.Song()]));
        await warehouse.LoadAsync();
        return warehouse;
    }

    private async Task<RunView> AskAsync(LoadedWarehouse warehouse, IEnumerable<string> events)
    {
        Source.Write(_folder, events, [Source.Song()]);
        var run = await warehouse.TryLoadAsync();
        Assert.True(run.State == RunState.NeedsDecision, $"{run.State} {run.Error}");
        return run;
    }
}
