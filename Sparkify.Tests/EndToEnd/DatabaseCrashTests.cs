using System.Text.Json;
using Dapper;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>PostgreSQL crashes under a living application, as it does when the system kills one of its processes for its memory.</summary>
[Trait("Category", Fault.Category)]
public sealed class DatabaseCrashTests
{
    private const int Events = 120_000;
    private const int Songs = 500;

    [Fact]
    public Task Crash_InAnyStepOfALoad_TheLoadEndsByItselfWithTheRightCounts() => Fault.RowAsync(
        "PostgreSQL, or a process of it, kill -9 in stage-events, songplays and checks",
        "each load ends by itself with the right counts", async row =>
        {
            await using var app = await AppProcess.StartAsync();
            await app.PostAsync(
                "/api/v1/warehouses", new { name = "big", source = new { sample = new { events = Events, songs = Songs, days = 10 } } });
            await app.PostAsync("/api/v1/warehouses/big/runs", new { kind = "provision", then = "load" });
            var first = await EndedAsync(app, await LatestLoadAsync(app));
            Assert.True(first.GetProperty("state").GetString() == "succeeded", first.GetProperty("error").GetString());
            var plays = (await app.CountsAsync("big"))["songplays"];

            foreach (var (step, whole) in
                from step in (string[])["stage-events", "songplays", "checks"] from whole in (bool[])[true, false] select (step, whole))
            {
                var load = await StruckAsync(app, step, whole);

                var ended = await EndedAsync(app, load);
                Assert.True(
                    ended.GetProperty("state").GetString() == "succeeded",
                    $"{step}, {(whole ? "server" : "backend")}: {ended.GetProperty("error").GetString()}");
                var counts = await app.CountsAsync("big");
                Assert.Equal((step, Events, Songs, plays), (step, counts["staging_events"], counts["staging_songs"], counts["songplays"]));
                var checks = await app.GetAsync($"/api/v1/warehouses/big/checks?run={load}");
                Assert.All(checks.EnumerateArray(), check => Assert.True(check.GetProperty("passed").GetBoolean(), check.ToString()));
            }
            row.Saw("six loads, right counts");
        });

    private static async Task<long> LatestLoadAsync(AppProcess app) =>
        (await Eventually.BecomesAsync(() => app.GetAsync("/api/v1/runs?kind=load"), runs => runs.GetProperty("total").GetInt64() == 1))
            .GetProperty("items")[0].GetProperty("id").GetInt64();

    // The API answers "unavailable" while the server is down: that is waited out, too.
    private static Task<JsonElement> EndedAsync(AppProcess app, long run) => Eventually.BecomesAsync(
        async () =>
        {
            using var answer = await app.Http.GetAsync($"/api/v1/runs/{run}");
            return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement : default;
        },
        view => view.ValueKind == JsonValueKind.Object && !view.GetProperty("active").GetBoolean(), seconds: 180);

    // Starts a load and kills the server, or a process of it, in a step. A load that was over before that is no test: another is begun.
    private static async Task<long> StruckAsync(AppProcess app, string step, bool whole)
    {
        for (var tries = 1; tries <= 5; tries++)
        {
            var load = (await app.PostAsync("/api/v1/warehouses/big/runs", new { kind = "load" })).GetProperty("id").GetInt64();
            await Eventually.BecomesAsync(
                () => app.GetAsync($"/api/v1/runs/{load}"),
                run =>
                    run.GetProperty("steps").EnumerateArray().Any(
                        s => s.GetProperty("name").GetString() == step && s.GetProperty("state").GetString() is "running" or "succeeded"),
                seconds: 120);
            if ((whole ? app.PostgresPid() : await WorkingAsync(app, load)) is { } process)
            {
                await AppProcess.SignalAsync("KILL", process);
                return load;
            }

            Assert.Equal("succeeded", (await EndedAsync(app, load)).GetProperty("state").GetString());
        }

        throw new InvalidOperationException($"Five loads were over before a process was found in {step}.");
    }

    // One process of the server's that works for the load; when the load is between two statements, one that waits for its next. None when
    // the load is over.
    private static async Task<int?> WorkingAsync(AppProcess app, long load)
    {
        await using var db = await app.ConnectAsync();
        var (process, _) = await Eventually.BecomesAsync(
            async () => (
                Process: await db.ExecuteScalarAsync<int?>(
                    "select pid from pg_stat_activity where datname = 'sparkify_big' and application_name = 'sparkify Loader' order by state = 'active' desc limit 1"),
                Active: (await app.GetAsync($"/api/v1/runs/{load}")).GetProperty("active").GetBoolean()),
            seen => seen.Process is not null || !seen.Active);
        return process;
    }
}
