using System.Text.Json;

namespace Sparkify.Tests.Support;

/// <summary>Runs of an application in a process of its own.</summary>
internal static class AppLoads
{
    /// <summary>Waits until nothing is at work.</summary>
    public static Task IdleAsync(this AppProcess app) => Eventually.BecomesAsync(
        () => app.GetAsync("/api/v1/runs?size=1"),
        static runs => runs.GetProperty("items").EnumerateArray().All(static run => !run.GetProperty("active").GetBoolean()), seconds: 180);

    /// <summary>Makes a warehouse on the generated sample, provisions and loads it.</summary>
    public static async Task LoadSampleAsync(this AppProcess app, string name, int events)
    {
        await app.PostAsync("/api/v1/warehouses", new { name, source = new { sample = new { events, songs = 200, days = 5 } } });
        await app.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision" });
        await app.IdleAsync();
        await app.EndsWellAsync(await app.LoadAsync(name));
    }

    /// <summary>Asks for a load: its number.</summary>
    public static async Task<long> LoadAsync(this AppProcess app, string name) =>
        (await app.PostAsync($"/api/v1/warehouses/{name}/runs", new { kind = "load" })).GetProperty("id").GetInt64();

    /// <summary>Waits until a step of a run is at work.</summary>
    public static Task<JsonElement> AtWorkAsync(this AppProcess app, long run, string step) => Eventually.BecomesAsync(
        () => app.GetAsync($"/api/v1/runs/{run}"),
        view => view.GetProperty("steps").EnumerateArray().Any(
            s => s.GetProperty("name").GetString() == step && s.GetProperty("state").GetString() == "running"), seconds: 120);

    /// <summary>Waits until a run has succeeded; that the application does not answer meanwhile is waited out.</summary>
    public static async Task EndsWellAsync(this AppProcess app, long run)
    {
        var ended = await Eventually.BecomesAsync(
            async () =>
            {
                using var answer = await app.Http.GetAsync($"/api/v1/runs/{run}");
                return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement : default;
            },
            static view => view.ValueKind == JsonValueKind.Object && !view.GetProperty("active").GetBoolean(), seconds: 240);
        Assert.True(ended.GetProperty("state").GetString() == "succeeded", ended.GetProperty("error").GetString());
    }
}
