using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

[Trait("Category", Fault.Category)]
public sealed class KillTests
{
    [Fact]
    public Task Kill_InTheMiddleOfALoad_TheNextStartFinishesItWithTheRightCounts() => Fault.RowAsync(
        "kill -9 twice in a load: while rows stream in, while the star is built",
        "the next start takes the load up and ends it with the right counts", async row =>
        {
            const int Events = 400_000;
            const int Songs = 500;
            var app = await AppProcess.StartAsync();
            await using var last = AppProcess.Last(() => app);
            await app.PostAsync(
                "/api/v1/warehouses", new { name = "big", source = new { sample = new { events = Events, songs = Songs, days = 10 } } });
            await app.PostAsync("/api/v1/warehouses/big/runs", new { kind = "provision", then = "load" });
            var load = (await Eventually.BecomesAsync(
                () => app.GetAsync("/api/v1/runs?kind=load"), runs => runs.GetProperty("total").GetInt64() == 1))
                .GetProperty("items")[0].GetProperty("id").GetInt64();

            // Once while rows are streaming in, and once while the star is being built from them.
            await StepAsync(app, load, step => step.GetProperty("name").GetString() == "stage-events" && Rows(step) > 0);
            await app.KillAsync();
            app = await AppProcess.StartAsync(after: app);
            await StepAsync(app, load, step => step.GetProperty("name").GetString() == "songplays" && Is(step, "running", "succeeded"));
            await app.KillAsync();
            app = await AppProcess.StartAsync(after: app);

            var ended = await Eventually.BecomesAsync(
                () => app.GetAsync($"/api/v1/runs/{load}"), run => !run.GetProperty("active").GetBoolean(), seconds: 180);
            Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.GetProperty("error").GetString());
            var counts = await app.CountsAsync("big");
            Assert.Equal(Events, counts["staging_events"]);
            Assert.Equal(Songs, counts["staging_songs"]);
            var plays = await app.GetAsync("/api/v1/warehouses/big/plays");
            Assert.Equal(Events, plays.GetProperty("otherPages").GetInt64() + plays.GetProperty("repeatedPlays")
                .GetInt64() + counts["songplays"]);
            var checks = await app.GetAsync($"/api/v1/warehouses/big/checks?run={load}");
            Assert.All(checks.EnumerateArray(), check => Assert.True(check.GetProperty("passed").GetBoolean(), check.ToString()));
            row.Saw("right counts, checks passed");
        });

    private static Task<JsonElement> StepAsync(AppProcess app, long run, Func<JsonElement, bool> condition) => Eventually.BecomesAsync(
        () => app.GetAsync($"/api/v1/runs/{run}"), view => view.GetProperty("steps").EnumerateArray().Any(condition), seconds: 120);

    private static long Rows(JsonElement step) =>
        step.GetProperty("rows").ValueKind == JsonValueKind.Number ? step.GetProperty("rows").GetInt64() : 0;

    private static bool Is(JsonElement step, params string[] states) => states.Contains(step.GetProperty("state").GetString());
}
