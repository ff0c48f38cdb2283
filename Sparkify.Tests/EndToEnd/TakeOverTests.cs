using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>Processes that freeze or die while another could go on with their runs.</summary>
[Trait("Category", Fault.Category)]
public sealed class TakeOverTests
{
    private const int Events = 120_000;
    private const int Songs = 500;
    private static readonly string[] Quick = ["--Sparkify:Jobs:TakeOverAfter", "00:00:05"];

    [Fact]
    public Task Frozen_ForLongerThanAWorkerKeepsItsJob_NeitherLosesNorDoublesTheRun() => Fault.RowAsync(
        "application frozen for 20 s in a load, then thawed",
        "the load is neither lost nor done twice", async row =>
        {
            await using var app = await AppProcess.StartAsync(arguments: Quick);
            var load = await StartAsync(app, "big");
            await StagingAsync(app, load);

            // The clock is what is tested here: 20 seconds in which the process does nothing.
            await AppProcess.SignalAsync("STOP", app.Pid);
            await Task.Delay(TimeSpan.FromSeconds(20));
            await AppProcess.SignalAsync("CONT", app.Pid);
            row.Strikes();

            await EndsWellAsync(app, "big", load);
            // The queue is empty, the warehouse free: the next load comes to its end as well.
            var next = (await app.PostAsync("/api/v1/warehouses/big/runs", new { kind = "load" })).GetProperty("id").GetInt64();
            await EndsWellAsync(app, "big", next);
            Assert.Equal(2, (await app.GetAsync("/api/v1/runs?kind=load")).GetProperty("total").GetInt64());
            row.Saw("ended well, and so did the next");
        });

    [Fact]
    public Task Killed_WithAnotherProcessOnTheSameStore_ItGoesOnThere() => Fault.RowAsync(
        "one of two applications on a store kill -9 in a load",
        "the other takes the load over", async row =>
        {
            var seed = await TestApp.StartAsync();
            await seed.StopAsync();
            await using var other = await AppProcess.StartAsync(seed, Quick);
            await using var app = await AppProcess.StartAsync(seed, Quick);
            var name = TestApp.NewName();
            var load = await StartAsync(app, name);
            await StagingAsync(app, load);

            await app.KillAsync();
            row.Strikes();

            await EndsWellAsync(other, name, load);
            var teardown = (await other.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "teardown" })).GetProperty("id").GetInt64();
            Assert.Equal("succeeded", (await EndedAsync(other, teardown)).GetProperty("state").GetString());
            row.Saw("ended well there");
        });

    private static async Task<long> StartAsync(AppProcess app, string name)
    {
        await app.PostAsync(
            "/api/v1/warehouses", new { name, source = new { sample = new { events = Events, songs = Songs, days = 10 } } });
        await app.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision", then = "load" });
        return (await Eventually.BecomesAsync(
            () => app.GetAsync("/api/v1/runs?kind=load"), runs => runs.GetProperty("total").GetInt64() == 1))
            .GetProperty("items")[0].GetProperty("id").GetInt64();
    }

    private static Task<JsonElement> StagingAsync(AppProcess app, long load) => Eventually.BecomesAsync(
        () => app.GetAsync($"/api/v1/runs/{load}"),
        run =>
            run.GetProperty("steps").EnumerateArray()
                .Any(s => s.GetProperty("name").GetString() == "stage-events" && s.GetProperty("state").GetString() == "running"),
        seconds: 120);

    private static Task<JsonElement> EndedAsync(AppProcess app, long run) =>
        Eventually.BecomesAsync(() => app.GetAsync($"/api/v1/runs/{run}"), view => !view.GetProperty("active").GetBoolean(), seconds: 180);

    private static async Task EndsWellAsync(AppProcess app, string name, long load)
    {
        var ended = await EndedAsync(app, load);
        Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.GetProperty("error").GetString());
        var counts = await app.CountsAsync(name);
        Assert.Equal((Events, Songs), (counts["staging_events"], counts["staging_songs"]));
        var checks = await app.GetAsync($"/api/v1/warehouses/{name}/checks?run={load}");
        Assert.All(checks.EnumerateArray(), check => Assert.True(check.GetProperty("passed").GetBoolean(), check.ToString()));
    }
}
