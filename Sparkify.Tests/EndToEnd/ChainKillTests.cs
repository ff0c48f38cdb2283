using System.Diagnostics;
using System.Text.Json;
using Dapper;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

/// <summary>The application is killed in each part of a chain; what comes after it goes on with the chain.</summary>
[Trait("Category", Fault.Category)]
public sealed class ChainKillTests
{
    [Fact]
    public Task Kill_InEachPartOfAChain_TheNextStartGoesOn_AndWhatItBeganIsEnded() => Fault.RowAsync(
        "kill -9 in each part of a chain: provisioning, load, saving of reports, teardown",
        "the next start goes on with it; each part has one run, and what was begun is torn down", async row =>
        {
            var app = await AppProcess.StartAsync();
            await app.PostAsync(
                "/api/v1/warehouses", new { name = "one", source = new { sample = new { events = 200_000, songs = 100, days = 3 } } });
            // Whoever writes to a pipe waits until somebody reads from it: there the third run, which saves reports, will be.
            var folder = Directory.CreateDirectory(Path.Combine(app.DataDirectory, "exports", "one", "run-3"));
            var pipe = Path.Combine(folder.FullName, "active-users.part");
            using (var make = Process.Start("mkfifo", pipe))
            {
                await make.WaitForExitAsync();
            }

            var asked = new { opens = "provision", end = "teardown", confirm = "one", reports = new[] { "top-songs", "active-users" } };
            await KilledInAsync(
                "provision", "lock table resources in exclusive mode", () => app.PostAsync("/api/v1/warehouses/one/chains", asked));
            await KilledInAsync("load", "lock table checks in exclusive mode");
            await KilledInAsync("export", "select 1", at: "save-active-users");
            await KilledInAsync("teardown", "lock table resources in exclusive mode");

            var chain = await Eventually.BecomesAsync(
                () => app.GetAsync("/api/v1/warehouses/one/chains/1"),
                static c => c.GetProperty("state").GetString() != "running", seconds: 120);
            Assert.True(chain.GetProperty("state").GetString() == "succeeded", chain.ToString());
            Assert.Equal(
                ["provision succeeded", "load succeeded", "export succeeded", "teardown succeeded"],
                chain.GetProperty("parts").EnumerateArray()
                    .Select(static p => $"{p.GetProperty("kind").GetString()} {p.GetProperty("state").GetString()}"));
            Assert.Equal(4, (await app.GetAsync("/api/v1/runs")).GetProperty("total").GetInt64());
            Assert.Equal("removed", (await app.GetAsync("/api/v1/warehouses/one")).GetProperty("state").GetString());
            var files = await app.GetAsync($"/api/v1/runs/{chain.GetProperty("parts")[2].GetProperty("run").GetInt64()}/files");
            Assert.Equal(2, files.GetArrayLength());
            await app.DisposeAsync();
            row.Saw("four runs, two files, nothing left");

            // Something is held that the part waits for, so that it is there when the process dies.
            async Task KilledInAsync(string part, string holding, Func<Task>? begin = null, string? at = null)
            {
                await using (var db = await app.ConnectAsync("sparkify"))
                {
                    await db.ExecuteAsync($"begin; {holding}");
                    await (begin?.Invoke() ?? Task.CompletedTask);
                    await Eventually.BecomesAsync(
                        () => app.GetAsync($"/api/v1/runs?kind={part}"),
                        runs => runs.GetProperty("items").EnumerateArray().SelectMany(Running)
                            .Any(step => at is null || step == at), seconds: 120);
                    await app.KillAsync();
                }

                // What waits in the system for its pipe is gone with the process.
                if (part == "export")
                {
                    File.Delete(pipe);
                }

                app = await AppProcess.StartAsync(after: app);
            }
        });

    private static IEnumerable<string?> Running(JsonElement run) => run.GetProperty("steps").EnumerateArray()
        .Where(static s => s.GetProperty("state").GetString() == "running").Select(static s => s.GetProperty("name").GetString());
}
