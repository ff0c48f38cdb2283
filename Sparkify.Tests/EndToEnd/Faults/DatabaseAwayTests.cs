using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;
using Sparkify.Core.Storage.Embedded;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd.Faults;

/// <summary>The database goes away under the running application, and comes back.</summary>
[Trait("Category", Fault.Category)]
public sealed class DatabaseAwayTests
{
    private const string Sentence = "The application's database does not answer just now. Try again in a moment.";

    [Fact]
    public Task Stopped_ThoughItIsSomebodysOwn_PagesWaitAndComeBack_AndTheApiSaysSo() => Fault.RowAsync(
        "own PostgreSQL stopped for a while", "API and /readyz 503 with Retry-After; open and new pages wait and come back by themselves",
        async row =>
        {
            using var folder = new TempFolder();
            await using var browser = await Browser.StartAsync();
            var server = await ServerAsync(folder);
            try
            {
                using var data = new TempFolder();
                await using var app = await AppProcess.StartOnAsync(
                    data.Path, "--ConnectionStrings:Sparkify", server.ConnectionString("postgres"));
                await app.LoadSampleAsync("big", events: 5_000);
                var open = await browser.NewPersonAsync(app.Address);
                await open.GotoAsync("/warehouses/big");
                await Expect(open.Locator("h1")).ToContainTextAsync("big");
                // What a reload would lose.
                await open.EvaluateAsync("() => { window.never = 'reloaded'; }");
                var fresh = await browser.NewPersonAsync(app.Address);

                await server.DisposeAsync();
                row.Strikes();
                await AwayAsync(app);
                row.Saw("API 503");
                await Expect(open.GetByTestId("database-away")).ToBeVisibleAsync();
                await fresh.GotoAsync("/warehouses");
                await Expect(fresh.GetByTestId("waiting")).ToBeVisibleAsync();
                Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/healthz")).StatusCode);
                row.Saw("pages wait");
                // A page of an open circuit that has to read to be shown.
                await open.GetByRole(AriaRole.Link, new() { Name = "Runs", Exact = true }).First.ClickAsync();
                await Expect(open.GetByTestId("page-waits")).ToBeVisibleAsync();

                server = await ServerAsync(folder);
                row.Strikes();
                await BackAsync(app);
                row.Saw("back: API 200");
                await Expect(open.GetByTestId("database-away")).ToHaveCountAsync(0);
                await Expect(open.Locator("h1")).ToHaveTextAsync("Runs");
                await Expect(open.Locator("main")).ToContainTextAsync("Succeeded");
                Assert.Equal("reloaded", await open.EvaluateAsync<string>("() => window.never"));
                await Expect(fresh.Locator("h1")).ToContainTextAsync("Warehouses");
                await Expect(fresh.Locator("main")).ToContainTextAsync("big");
                row.Saw("pages are back");
                await ServersAsync(app);
                row.Saw("no line of a server that is gone");
            }
            finally
            {
                await server.DisposeAsync();
            }
        });

    [Fact]
    public Task Killed_UnderALoadAndAReader_IsStartedAgain_AndNothingIsLost() => Fault.RowAsync(
        "embedded PostgreSQL kill -9 in a load", "started again by itself; readers see the whole star or wait; the load ends well", async row =>
        {
            await using var app = await AppProcess.StartAsync();
            await app.LoadSampleAsync("big", events: 60_000);
            var plays = (await app.CountsAsync("big"))["songplays"];
            await using var reader = StarReader.Start(() => app, "big");
            await reader.ReadsAsync();
            var load = await app.LoadAsync("big");
            await app.AtWorkAsync(load, "stage-events");

            await AppProcess.SignalAsync("KILL", app.PostgresPid());
            row.Strikes();
            await BackAsync(app);
            row.Saw("back");
            await app.EndsWellAsync(load);
            row.Saw("the load ended well");
            Assert.Equal(plays, (await app.CountsAsync("big"))["songplays"]);
            await reader.SawOnlyAsync(plays);
            row.Saw($"{reader.Answers} reads of one star, {reader.Waits} waits");
        });

    [Fact]
    public Task Frozen_WithAllItsProcesses_IsSaidSoAtOnce_AndItGoesOn() => Fault.RowAsync(
        "PostgreSQL frozen (SIGSTOP), then thawed", "API and /readyz 503 with Retry-After within 15 s, without waiting; goes on by itself", async row =>
        {
            await using var app = await AppProcess.StartAsync();
            await app.LoadSampleAsync("big", events: 5_000);
            var plays = (await app.CountsAsync("big"))["songplays"];
            await using var reader = StarReader.Start(() => app, "big");
            await reader.ReadsAsync();
            var all = Tree(app.PostgresPid()).ToList();
            foreach (var process in all)
            {
                await AppProcess.SignalAsync("STOP", process);
            }

            row.Strikes();
            try
            {
                await AwayAsync(app);
                row.Saw("503");
                Assert.True(row.Took < TimeSpan.FromSeconds(15), $"It took {row.Took.TotalSeconds:0.0} s.");
                var began = Stopwatch.GetTimestamp();
                Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Http.GetAsync("/api/v1/warehouses")).StatusCode);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Http.GetAsync("/readyz")).StatusCode);
                Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(2), "Whoever asked had to wait.");
            }
            finally
            {
                foreach (var process in all)
                {
                    await AppProcess.SignalAsync("CONT", process);
                }
            }

            row.Strikes();
            await BackAsync(app);
            row.Saw("thawed: back");
            await reader.SawOnlyAsync(plays);
            row.Saw($"{reader.Answers} reads of one star, {reader.Waits} waits");
        });

    private static async Task<EmbeddedPostgres> ServerAsync(TempFolder folder)
    {
        var server = new EmbeddedPostgres(
            new PostgresFolder(folder.Path), binaries: null, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance);
        await server.StartAsync(CancellationToken.None);
        return server;
    }

    private static async Task AwayAsync(AppProcess app)
    {
        await Eventually.BecomesAsync(() => AskAsync(app), static said => said.Contains(Sentence, StringComparison.Ordinal));
        using var ready = await app.Http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.NotEmpty((await ready.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!);
    }

    // What a refusal that says when to come again says. Whoever asks before it is known waits; they ask another time here.
    private static async Task<string> AskAsync(AppProcess app)
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            using var answer = await app.Http.GetAsync("/api/v1/warehouses", enough.Token);
            return answer is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null }
                ? await answer.Content.ReadAsStringAsync(enough.Token)
                : answer.StatusCode.ToString();
        }
        catch (OperationCanceledException)
        {
            return "no answer within a second";
        }
    }

    private static async Task BackAsync(AppProcess app)
    {
        foreach (var path in (string[])["/api/v1/warehouses", "/readyz"])
        {
            await Eventually.BecomesAsync(async () => (await app.Http.GetAsync(path)).StatusCode, static s => s == HttpStatusCode.OK);
        }
    }

    // The page of the job queue lists its two servers, once those that were cut off are gone.
    private static Task<int> ServersAsync(AppProcess app) => Eventually.BecomesAsync(
        async () => (await app.Http.GetStringAsync("/jobs/servers")).Split("<tr").Length - 2, static lines => lines == 2, seconds: 90);

    private static IEnumerable<int> Tree(int process)
    {
        var children = Directory.GetDirectories($"/proc/{process}/task")
            .SelectMany(static task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(int.Parse);
        return children.SelectMany(Tree).Prepend(process);
    }
}
