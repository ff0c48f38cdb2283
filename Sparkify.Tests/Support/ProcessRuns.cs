using Dapper;

namespace Sparkify.Tests.Support;

/// <summary>Runs of an application that is a process: waited for, and killed in.</summary>
internal static class ProcessRuns
{
    /// <summary>Waits until so many runs of a kind have ended, the latest of them well; gives its number.</summary>
    public static async Task<long> EndedAsync(this AppProcess app, string kind, int times)
    {
        var runs = await Eventually.BecomesAsync(
            async () => (await app.GetAsync($"/api/v1/runs?kind={kind}")).GetProperty("items").EnumerateArray().ToList(),
            all => all.Count == times && all.TrueForAll(static r => !r.GetProperty("active").GetBoolean()), seconds: 120);
        Assert.True(runs[0].GetProperty("state").GetString() == "succeeded", runs[0].GetProperty("error").ToString());
        return runs[0].GetProperty("id").GetInt64();
    }

    /// <summary>Kills it while the latest run of a kind is in a step, where a session in a database holds it.</summary>
    public static async Task KilledAsync(this AppProcess app, string kind, string step, string database, string holding)
    {
        await using var db = await app.ConnectAsync(database);
        await db.ExecuteAsync(holding);
        await Eventually.BecomesAsync(
            async () => (await app.GetAsync($"/api/v1/runs?kind={kind}")).GetProperty("items")[0].GetProperty("steps").EnumerateArray()
                .Any(s => s.GetProperty("state").GetString() == "running" && s.GetProperty("name").GetString() == step),
            static there => there, seconds: 60);
        await app.KillAsync();
    }
}
