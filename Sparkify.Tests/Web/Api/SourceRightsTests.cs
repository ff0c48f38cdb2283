using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.People;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>With accounts, who describes a source has the application read no more than the lists hold.</summary>
public sealed class SourceRightsTests
{
    [Fact]
    public async Task Engineer_DescribesWhatTheListsHold_AndAnAdministratorVouchesForTheRest()
    {
        using var data = new TempFolder();
        Fill(Path.Combine(data.Path, "open"));
        Fill(Path.Combine(data.Path, "closed"));
        await using var app = await TestApp.StartAsync(arguments: ["--Sources:AllowedFolders:0", Path.Combine(data.Path, "open")]);
        using var ann = await Visitor.FirstAsync(app);
        using var bob = await EngineerAsync(app);

        await app.CreateAsync(TestApp.NewName(), Described(data, "open"), client: bob.Http);
        foreach (var body in (object[])
        [
            new { name = "x", source = Described(data, "closed") },
            new { name = "x", source = Described(data, "open/../closed") },
            new { name = "x", source = new { events = "s3://some-bucket/log", songs = "s3://some-bucket/song" } },
        ])
        {
            var source = body.GetType().GetProperty("source")!.GetValue(body);
            foreach (var (path, asked) in (
                (string, object)[])[("/api/v1/warehouses", body), ("/api/v1/plans", body), ("/api/v1/sources/test", new { source })])
            {
                Assert.Contains("outside the folders and buckets", await RefusedAsync(bob, path, asked), StringComparison.Ordinal);
            }
        }

        // A flag of the application's own is not taken from whoever asks.
        var claim = new { events = $"{data.Path}/closed/log", songs = $"{data.Path}/closed/song", vouched = true };
        using var forged = await bob.Http.PostAsJsonAsync("/api/v1/warehouses", new { name = "x", source = claim });
        Assert.Equal(HttpStatusCode.BadRequest, forged.StatusCode);

        var vouched = TestApp.NewName();
        await app.CreateAsync(vouched, Described(data, "closed"), client: ann.Http);
        var plan = await bob.Http.GetAsync($"/api/v1/warehouses/{vouched}/plan");
        Assert.Equal(HttpStatusCode.OK, plan.StatusCode);
        var audit = await ann.Http.GetStringAsync("/api/v1/audit");
        Assert.Contains("sources.test", audit, StringComparison.Ordinal); // what was refused stands there
    }

    [Fact]
    public async Task Engineer_WithoutLists_DescribesTheSampleOnly_AndWhoeverSitsAtTheMachineAnything()
    {
        using var data = new TempFolder();
        Fill(Path.Combine(data.Path, "open"));
        await using var app = await TestApp.StartAsync();
        await app.CreateAsync(TestApp.NewName(), Described(data, "open"));
        using var ann = await Visitor.FirstAsync(app);
        using var bob = await EngineerAsync(app);

        var said = await RefusedAsync(bob, "/api/v1/sources/test", new { source = new { events = "/etc", songs = "/usr" } });
        await app.CreateAsync(TestApp.NewName(), new { sample = new { days = 1, events = 60, songs = 10 } }, client: bob.Http);

        Assert.Contains("have an administrator describe this source", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staging_OfAnEngineer_IsInAnAllowedBucket()
    {
        await using var app = await TestApp.StartAsync(arguments: ["--Sources:AllowedBuckets:0", "music"]);
        using var ann = await Visitor.FirstAsync(app);
        using var bob = await EngineerAsync(app);

        var said = await RefusedAsync(bob, "/api/v1/plans", new
        {
            name = "x",
            target = "redshift",
            source = new { events = "s3://music/log/", songs = "s3://music/song/" },
            redshift = new { stagingLocation = "s3://others/" },
        });

        Assert.Contains("'s3://others/' is outside", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bucket_BesideAListThatIsSet_IsRefusedAtTheMachine_Too()
    {
        await using var app = await TestApp.StartAsync(arguments: ["--Sources:AllowedBuckets:0", "music"]);

        using var answer = await app.Http.PostAsJsonAsync(
            "/api/v1/sources/test", new { source = new { events = "s3://others/log/", songs = "s3://others/song/" } });

        Assert.Contains("Sources:AllowedBuckets", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("events")
            .GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    // Each would have the application call whoever listens at the port, or the machine's metadata service.
    [Theory]
    [InlineData("http://127.0.0.1:PORT/latest/meta-data/")]
    [InlineData("http://169.254.169.254/latest/meta-data/iam/security-credentials/")]
    [InlineData("http://[::ffff:169.254.169.254]/latest/")]
    [InlineData("http://2852039166/latest/")]
    [InlineData("http://[fe80::1]:PORT/latest/")]
    [InlineData("http://metadata.google.internal/computeMetadata/v1/")]
    [InlineData("s3://169.254.169.254/latest/")]
    [InlineData("s3://[fe80::1]/latest/")]
    [InlineData("http://localhost:PORT/")]
    [InlineData("http://[::1]:PORT/")]
    [InlineData("http://0x7f000001:PORT/")]
    [InlineData("https://127.0.0.1:PORT/log")]
    [InlineData("ftp://127.0.0.1:PORT/log")]
    [InlineData("gopher://127.0.0.1:PORT/_log")]
    [InlineData("s3://127.0.0.1:PORT/log")]
    [InlineData("s3://[::1]:PORT/log")]
    [InlineData("s3://user@127.0.0.1:PORT/log")]
    [InlineData("s3://music@127.0.0.1:PORT/log")]
    [InlineData("s3://127.0.0.1:PORT#music/log")]
    [InlineData("s3://127.0.0.1%3APORT/log")]
    [InlineData("s3a://127.0.0.1:PORT/log")]
    [InlineData("http://s3.amazonaws.com@127.0.0.1:PORT/log")]
    [InlineData("http://127.0.0.1:PORT/s3.amazonaws.com/log")]
    [InlineData("https://127.0.0.1:PORT?s3.amazonaws.com/log")]
    [InlineData("file://127.0.0.1:PORT/log")]
    [InlineData("//127.0.0.1:PORT/log")]
    [InlineData("\\\\127.0.0.1@PORT\\log")]
    public async Task Location_ThatNamesAHost_IsRefused_AndNobodyIsCalled(string location)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var at = location.Replace("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal);
        await using var app = await TestApp.StartAsync(arguments: ["--Sources:AllowedBuckets:0", "music"]);

        using var answer = await app.Http.PostAsJsonAsync(
            "/api/v1/sources/test", new { source = new { events = at, songs = at + "-songs", jsonPaths = at + "-paths" } });

        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.False(string.IsNullOrEmpty(report.GetProperty("events").GetProperty("problem").GetString()), report.ToString());
        Assert.False(string.IsNullOrEmpty(report.GetProperty("songs").GetProperty("problem").GetString()), report.ToString());
        Assert.False(listener.Pending());
    }

    private static object Described(TempFolder data, string which) =>
        new { events = $"{data.Path}/{which}/log", songs = $"{data.Path}/{which}/song" };

    private static void Fill(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "log"));
        Directory.CreateDirectory(Path.Combine(folder, "song"));
        File.WriteAllText(Path.Combine(folder, "log", "1.json"), Source.Event(item: 1));
        File.WriteAllText(Path.Combine(folder, "song", "1.json"), Source.Song());
    }

    private static async Task<Visitor> EngineerAsync(TestApp app)
    {
        await app.Services.GetRequiredService<IPeople>().AddAsync(
            "bob", Visitor.Password, [new Grant(Role.Engineer)], Actor.System, default);
        return await Visitor.SignedInAsync(app, "bob");
    }

    private static async Task<string> RefusedAsync(Visitor who, string path, object body)
    {
        using var answer = await who.Http.PostAsJsonAsync(path, body);
        Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
    }
}
