using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd.Faults;

/// <summary>The disk of the embedded database is full.</summary>
[Trait("Category", Fault.Category)]
public sealed class FullDiskTests
{
    private const int Megabytes = 450;
    private const string Said = "The disk is full";
    private static readonly string Long = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(4000));

    [DiskFact]
    public Task Full_WhileItRuns_ReadersGoOn_EveryRefusalNamesTheDisk_AndItGoesOnByItself() => Fault.RowAsync(
        "disk full under the running application", "reads go on; each refusal names the disk (503, Retry-After); goes on by itself with room",
        async row =>
        {
            await using var disk = await Need.DiskAsync(Megabytes);
            await using var app = await AppProcess.StartOnAsync(Path.Combine(disk.Path, "data"));
            await app.LoadSampleAsync("big", events: 60_000);
            var plays = (await app.CountsAsync("big"))["songplays"];
            await using var reader = StarReader.Start(() => app, "big");
            await reader.ReadsAsync();
            var load = await app.LoadAsync("big");
            await app.AtWorkAsync(load, "stage-events");
            await disk.FillAsync();
            row.Strikes();

            await NotReadyAsync(app);
            row.Saw("/readyz 503");
            var waiting = await Eventually.BecomesAsync(
                () => app.GetAsync($"/api/v1/runs/{load}"),
                static run => run.GetProperty("steps").EnumerateArray().Any(
                    static s => s.GetProperty("message").ToString().StartsWith(Said, StringComparison.Ordinal)));
            Assert.True(waiting.GetProperty("active").GetBoolean());
            row.Saw("the load says why it waits");
            Assert.Equal(plays, (await app.CountsAsync("big"))["songplays"]);
            // A row finds room between others for a while: asked until one does not.
            foreach (var (path, body) in new (string, Func<int, object>)[]
            {
                ("/api/v1/queries", at => new { name = $"q{at}", sql = $"select '{Long}'" }),
                ("/api/v1/warehouses", at => new { name = $"w{at}", source = new { sample = new { events = 10_000 + at } } }),
                ("/api/v1/dashboards", at => new { name = $"d{at}" }),
            })
            {
                await RefusedAsync(app, disk, path, body);
            }

            row.Saw("reads go on, refusals name the disk");
            disk.Empty();
            row.Strikes();
            await app.EndsWellAsync(load);
            Assert.Equal(plays, (await app.CountsAsync("big"))["songplays"]);
            await Eventually.BecomesAsync(async () => (await app.Http.GetAsync("/readyz")).StatusCode, static s => s == HttpStatusCode.OK);
            row.Saw("with room: ready, and the load has ended well");
            await reader.SawOnlyAsync(plays);
            row.Saw($"{reader.Answers} reads of one star, {reader.Waits} waits");
        });

    [DiskFact]
    public Task Full_BeforeTheStart_ItWaitsBehindAPageThatSaysSo_AndStartsByItself() => Fault.RowAsync(
        "start on a full disk, with data there", "/healthz 200, /readyz 503 and pages name the disk; starts by itself with room", async row =>
        {
            await using var disk = await Need.DiskAsync(Megabytes);
            var data = Path.Combine(disk.Path, "data");
            long plays;
            await using (var before = await AppProcess.StartOnAsync(data))
            {
                await before.LoadSampleAsync("big", events: 20_000);
                plays = (await before.CountsAsync("big"))["songplays"];
            }

            await disk.FillAsync();
            row.Strikes();
            await using var app = await AppProcess.StartOnAsync(data, "--urls", $"http://127.0.0.1:{FreePort()}");
            Assert.Equal(HttpStatusCode.OK, (await app.Http.GetAsync("/healthz")).StatusCode);
            await NotReadyAsync(app);
            using var page = new HttpRequestMessage(HttpMethod.Get, "/warehouses") { Headers = { { "Accept", "text/html" } } };
            using var shown = await app.Http.SendAsync(page);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, shown.StatusCode);
            Assert.Contains("http-equiv=\"refresh\"", await shown.Content.ReadAsStringAsync());
            row.Saw("answers, and says that the disk is full");

            disk.Empty();
            row.Strikes();
            await app.ReadyLine.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(plays, (await app.CountsAsync("big"))["songplays"]);
            row.Saw("with room: started, the star is there");
        });

    [DiskFact]
    public Task Full_WhoSignsIn_IsToldSo_AndNobodyComesInUnrecorded() => Fault.RowAsync(
        "disk full, somebody signs in", "refused with the disk's name (503) as soon as the line of the audit trail has no room", async row =>
        {
            const string Password = "a long enough one";
            await using var disk = await Need.DiskAsync(Megabytes);
            await using var app = await AppProcess.StartOnAsync(
                Path.Combine(disk.Path, "data"), "--Sparkify:AdminPassword", Password);
            await disk.FillAsync();
            row.Strikes();
            app.Http.DefaultRequestHeaders.Authorization = new(
                "Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"admin:{Password}")));
            app.Http.DefaultRequestHeaders.UserAgent.ParseAdd(Long[..2000]);
            await RefusedAsync(app, disk, "/api/v1/tokens", static at => new { name = $"t{at}", role = "viewer", days = 1 });
            row.Saw("503, names the disk");
        });

    [DiskFact]
    public Task Full_BeforeTheFirstStart_IsRefusedInASentence() => Fault.RowAsync(
        "first start without room", "refused in a sentence; nothing was made", async row =>
        {
            await using var disk = await Need.DiskAsync(megabytes: 100);
            row.Strikes();
            var (code, said) = await AppProcess.RefusedAsync("--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", disk.Path);
            Assert.Equal(1, code);
            Assert.Contains("and a new database needs at least 256.", said);
            row.Saw("exit 1 with the sentence");
        });

    private static async Task NotReadyAsync(AppProcess app)
    {
        using var answer = await app.Http.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(Said, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
    }

    private static async Task RefusedAsync(AppProcess app, Disk disk, string path, Func<int, object> body)
    {
        for (var tries = 0; tries < 300; tries++)
        {
            await disk.FillAsync(); // a load that was cut off gives room back
            using var answer = await app.Http.PostAsJsonAsync(path, body(tries));
            if (!answer.IsSuccessStatusCode)
            {
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True(
                    answer.StatusCode == HttpStatusCode.ServiceUnavailable && text.Contains(Said, StringComparison.Ordinal),
                    $"{path}: {answer.StatusCode} {text}");
                Assert.NotNull(answer.Headers.RetryAfter);
                return;
            }
        }

        Assert.Fail($"{path} was never refused.");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
