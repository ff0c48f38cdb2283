using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Two processes on one PostgreSQL server, with the keys in one data folder.</summary>
public sealed class TwoNodesTests
{
    [Fact]
    public async Task Run_OfOneNode_IsFollowedAndCancelledOnTheOther()
    {
        await using var pair = await Pair.StartAsync();
        var name = await pair.ProvisionAsync(events: 300_000);
        var run = (await pair.One.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" })).GetProperty("id").GetInt64();
        var node = await WorkedOnByAsync(pair, run);
        var other = node == pair.One ? pair.Two : pair.One;

        var seen = FollowAsync(other, run);
        await Eventually.BecomesAsync(
            () => other.GetAsync($"/api/v1/runs/{run}"),
            static view => view.GetProperty("steps").EnumerateArray().Any(static s => s.GetProperty("name").GetString() == "stage-events"
                && s.GetProperty("state").GetString() == "running"), seconds: 60);
        await other.PostAsync($"/api/v1/runs/{run}/cancel", new { });

        var views = await seen.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("cancelled", views[^1].GetProperty("state").GetString());
        Assert.Contains(views, static v => v.GetProperty("state").GetString() == "running");
        Assert.Contains("Cancel asked for by local administrator.", await LogAsync(other, run));
    }

    [Fact]
    public async Task Load_OfOneNode_IsSeenLiveInABrowserOnTheOther_StepByStepWithItsLog()
    {
        await using var pair = await Pair.StartAsync();
        var name = await pair.ProvisionAsync(events: 150_000);
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPersonAsync(pair.Two.Address);
        await page.GotoAsync($"/warehouses/{name}");
        await Expect(page.GetByText("Empty, nothing loaded yet").First).ToBeVisibleAsync();
        var run = (await pair.One.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" })).GetProperty("id").GetInt64();

        await Expect(page.GetByText("Loading").First).ToBeVisibleAsync();
        await page.GotoAsync($"/runs/{run}");
        await Expect(page.GetByText("Readers see the new star").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Put the new star in the place of the old one").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Succeeded").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Node_Killed_HasItsRunFinishedByTheOther_Within30Seconds_AndBeginsThereOnce()
    {
        await using var pair = await Pair.StartAsync();
        var name = await pair.ProvisionAsync(events: 300_000);
        var run = (await pair.One.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" })).GetProperty("id").GetInt64();
        var node = await WorkedOnByAsync(pair, run);
        var other = node == pair.One ? pair.Two : pair.One;
        await Eventually.BecomesAsync(
            () => other.GetAsync($"/api/v1/runs/{run}"),
            static view => view.GetProperty("steps").EnumerateArray().Any(static s => s.GetProperty("name").GetString() == "stage-events"
                && s.GetProperty("rows").ValueKind == JsonValueKind.Number), seconds: 60);

        await node.KillAsync();
        var killed = DateTimeOffset.UtcNow;

        await Eventually.BecomesAsync(() => Task.FromResult(Pair.Begins(other, run)), static times => times == 1, seconds: 60);
        Assert.InRange((DateTimeOffset.UtcNow - killed).TotalSeconds, 0, 30);
        var ended = await Eventually.BecomesAsync(
            () => other.GetAsync($"/api/v1/runs/{run}"), static view => !view.GetProperty("active").GetBoolean(), seconds: 120);
        Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.GetProperty("error").ToString());
        Assert.Equal(300_000, (await other.CountsAsync(name))["staging_events"]);
    }

    [Fact]
    public async Task Runs_AskedForOnBothNodesAtOnce_AreEachBegunOnce()
    {
        await using var pair = await Pair.StartAsync();
        List<string> names = [];
        for (var i = 0; i < 4; i++)
        {
            names.Add(await pair.ProvisionAsync(events: 2_000));
        }

        // Each is asked for on both nodes at the same time: one gets the run, the other hears that there is one.
        var asked = await Task.WhenAll(names.SelectMany(name => (AppProcess[])[pair.One, pair.Two], static (name, node) => (name, node))
            .Select(static async ask =>
            {
                using var answer = await ask.node.Http.PostAsJsonAsync($"/api/v1/warehouses/{ask.name}/runs", new { kind = "load" });
                return answer.IsSuccessStatusCode
                    ? (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64() : 0;
            }));
        var started = asked.Where(static id => id > 0).ToList();

        Assert.InRange(started.Count, names.Count, 2 * names.Count); // a load may have ended before the second was asked for
        foreach (var run in started)
        {
            var ended = await Eventually.BecomesAsync(
                () => pair.Two.GetAsync($"/api/v1/runs/{run}"), static view => !view.GetProperty("active").GetBoolean(), seconds: 60);
            Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.GetProperty("error").ToString());
            Assert.Equal(1, Pair.Begins(pair.One, run) + Pair.Begins(pair.Two, run));
        }
    }

    [Fact]
    public async Task Login_AskedForOnBothNodesAtOnce_IsOne_WithOnePasswordThatIsGood()
    {
        await using var pair = await Pair.StartAsync();
        var name = await pair.ProvisionAsync(events: 2_000);
        var made = await Task.WhenAll(Enumerable.Range(0, 6).Select(async at =>
        {
            var node = at % 2 == 0 ? pair.One : pair.Two;
            using var answer = await node.Http.PostAsync($"/api/v1/warehouses/{name}/connect/login", null);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            // A node makes one at a time for a person, and says so to who asks meanwhile.
            Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.TooManyRequests, body.ToString());
            return !answer.IsSuccessStatusCode ? default
                : (User: body.GetProperty("login").GetProperty("user").GetString()!, Password: body.GetProperty("password").GetString()!);
        }));

        var given = made.Where(static m => m.User is not null).ToList();
        var user = Assert.Single(given.Select(static m => m.User).Distinct());
        var good = 0;
        foreach (var (_, password) in given)
        {
            await using NpgsqlConnection session = new(new NpgsqlConnectionStringBuilder(pair.Store)
            {
                Database = $"sparkify_{name}",
                Username = user,
                Password = password,
                Pooling = false,
            }.ConnectionString);
            try
            {
                await session.OpenAsync();
                good++;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
            {
                // It was replaced by who asked on the other node.
            }
        }

        Assert.Equal(1, good);
        var down = (await pair.One.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "teardown" })).GetProperty("id").GetInt64();
        var ended = await Eventually.BecomesAsync(
            () => pair.Two.GetAsync($"/api/v1/runs/{down}"), static view => !view.GetProperty("active").GetBoolean(), seconds: 60);
        Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.GetProperty("error").ToString());
    }

    [Fact]
    public async Task Node_WithOtherKeys_IsKeptOut_AndComesInWhenTheOthersAreGone()
    {
        await using var pair = await Pair.StartAsync();
        using var folder = new TempFolder();
        string[] arguments =
            ["--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", folder.Path, "--Sparkify:AutoSample", "false", "--ConnectionStrings:Sparkify", pair.Store];

        var (code, said) = await AppProcess.RefusedAsync(arguments);

        Assert.Equal(1, code);
        Assert.Contains("Another Sparkify is at work on this database with keys of its own.", said, StringComparison.Ordinal);
        Assert.Contains("the same Sparkify:DataDirectory", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task News_WhoseSessionBroke_AreCaughtUpOn()
    {
        await using var pair = await Pair.StartAsync();
        var name = await pair.ProvisionAsync(events: 300_000);
        var run = (await pair.One.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" })).GetProperty("id").GetInt64();
        var node = await WorkedOnByAsync(pair, run);
        var other = node == pair.One ? pair.Two : pair.One;
        await using var db = new NpgsqlConnection(pair.Store);
        await db.OpenAsync();
        // Both lose the session they listen with; the wish falls into the time when nobody listens.
        await db.ExecuteAsync(
            """
            select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sparkify news' and datname = current_database();
            update runs set cancel_asked = true, cancel_by = 'Ada' where id = @run
            """, new { run });

        var ended = await Eventually.BecomesAsync(
            () => other.GetAsync($"/api/v1/runs/{run}"), static view => !view.GetProperty("active").GetBoolean(), seconds: 30);
        Assert.Equal("cancelled", ended.GetProperty("state").GetString());
        Assert.Contains("Cancel asked for by Ada.", await LogAsync(other, run));
    }

    // The node whose own log says that the run begins there.
    private static Task<AppProcess> WorkedOnByAsync(Pair pair, long run) => Eventually.BecomesAsync(
        () => Task.FromResult(((AppProcess[])[pair.One, pair.Two])
            .FirstOrDefault(node => Pair.Begins(node, run) > 0)!),
        static node => node is not null, seconds: 60);

    private static async Task<IEnumerable<string?>> LogAsync(AppProcess node, long run) =>
        (await node.GetAsync($"/api/v1/runs/{run}/log")).EnumerateArray().Select(static l => l.GetProperty("message").GetString());

    private static async Task<List<JsonElement>> FollowAsync(AppProcess node, long run)
    {
        List<JsonElement> views = [];
        using var feed = await node.Http.GetStreamAsync($"/api/v1/runs/{run}/events") is var stream ? new StreamReader(stream) : null!;
        while (await feed.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                views.Add(JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]));
            }
        }

        return views;
    }

    private sealed class Pair : IAsyncDisposable
    {
        private readonly List<string> _warehouses = [];

        private Pair(string store, AppProcess one, AppProcess two) => (Store, One, Two) = (store, one, two);

        public AppProcess One { get; }

        public AppProcess Two { get; }

        public string Store { get; }

        public static async Task<Pair> StartAsync()
        {
            var seed = await TestApp.StartAsync();
            await seed.StopAsync();
            var one = await AppProcess.StartAsync(seed);
            try
            {
                return new Pair(seed.Store, one, await AppProcess.StartAsync(seed));
            }
            catch
            {
                await one.DisposeAsync(); // no pair owns it
                throw;
            }
        }

        public async Task<string> ProvisionAsync(int events)
        {
            var name = TestApp.NewName();
            _warehouses.Add(name);
            await One.PostAsync("/api/v1/warehouses", new { name, source = new { sample = new { events, songs = 200, days = 10 } } });
            var run = (await One.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision" })).GetProperty("id").GetInt64();
            await Eventually.BecomesAsync(
                () => Two.GetAsync($"/api/v1/runs/{run}"), static view => view.GetProperty("state").GetString() == "succeeded",
                seconds: 60);
            return name;
        }

        /// <summary>How often a node's own log says that a run begins there.</summary>
        public static int Begins(AppProcess node, long run) => node.Output.Split($"Run {run} (").Length - 1;

        public async ValueTask DisposeAsync()
        {
            await One.DisposeAsync();
            await Two.DisposeAsync();
            foreach (var name in _warehouses)
            {
                await using var server = new NpgsqlConnection(Store);
                await server.OpenAsync();
                await server.ExecuteAsync($"drop database if exists sparkify_{name} with (force)");
                await server.ExecuteAsync($"drop role if exists sparkify_{name}_loader");
                await server.ExecuteAsync($"drop role if exists sparkify_{name}_reporter");
            }
        }
    }
}
