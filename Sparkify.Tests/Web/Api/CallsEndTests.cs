using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Clients;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Tests.Core.Provisioning.Redshift.Existing;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>What a person waits for ends, whatever AWS or what stands in for it does.</summary>
public sealed class CallsEndTests
{
    private static readonly TimeSpan Interactive = TimeSpan.FromSeconds(2);

    // Far beyond the time there is, and far below what retries and time-outs of the calls would take: 6 tries of 60 s each.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    public static TheoryData<Deafness> All => [.. Enum.GetValues<Deafness>()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Operations_OnAnEndpointThatFailsThem_EndInASentence(Deafness how)
    {
        await using var aws = new DeafServer(how);
        // However quickly it turns calls down: its tries outlast the time there is.
        await using var app = await StartAsync(aws, tries: new AwsTimeouts { Retries = 1000 });
        foreach (var (what, ask) in Operations(app.Http))
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await ask();
            var took = Stopwatch.GetElapsedTime(began);
            var body = await answer.Content.ReadAsStringAsync();
            Assert.True(took < Long, $"{what}: {took}");
            // The test of a source answers with what is wrong.
            Assert.True(answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.OK, $"{what}: {answer.StatusCode} {body}");
            var said = JsonDocument.Parse(body).RootElement;
            var sentence = answer.StatusCode == HttpStatusCode.OK ? said.GetProperty("events").GetProperty("problem").GetString()!
                : said.GetProperty("detail").GetString()!;
            Assert.Contains($"at {aws.Url} did not answer within 2 seconds; the last call was ", sentence, StringComparison.Ordinal);
            Assert.Contains("Check the network, a proxy and the endpoint", sentence, StringComparison.Ordinal);
            if (how is Deafness.Broken or Deafness.Throttling)
            {
                Assert.Contains(
                    how == Deafness.Broken || what == "source" ? "HTTP 503" : "Throttling (HTTP 400)", sentence,
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Login_IntoAClusterThatNeverAnswers_EndsInASentence()
    {
        await using var cluster = new DeafServer(Deafness.Silent);
        await using var app = await StartAsync(cluster);
        using var answer = await app.Http.PostAsJsonAsync("/api/v1/redshift/logins/test", new
        {
            name = "theirs",
            target = "redshift",
            simulated = true,
            password = "Some1pass",
            source = SimulatedApp.Source,
            redshift = new { existing = new { host = "127.0.0.1", port = cluster.Port, database = "dev", user = "awsuser" } },
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(
            $"The cluster at 127.0.0.1:{cluster.Port} did not answer within 2 seconds.", await answer.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_WhoseRoleCannotBeTriedInTheTimeThereIs_TellsWhatWasFoundOfItsRights()
    {
        await using var other = await OtherCluster.StartAsync(
            static services => services.AddSingleton(new CallPatience { Interactive = Interactive }));
        other.Bench.Simulator.Faults.CopyPause = TimeSpan.FromMinutes(5);
        using var answer = await other.Http.PostAsJsonAsync("/api/v1/redshift/logins/test", new
        {
            name = "theirs",
            target = "redshift",
            simulated = true,
            password = await other.UserAsync("etl", "temporary"),
            source = SimulatedApp.Source,
            redshift = other.Existing(user: "etl"),
        });
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, report.ToString());
        Assert.Equal("etl", report.GetProperty("user").GetString());
        Assert.Contains("may not create schemas", report.GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("role").ValueKind);
        Assert.Contains(
            $"The cluster at {other.Cluster.Host}:{other.Cluster.Port} did not answer within 2 seconds.",
            report.GetProperty("notTried").GetString(), StringComparison.Ordinal);
        // What was put there for the trial goes, though nobody waits for it.
        await Eventually.BecomesAsync(other.StagedAsync, static left => left.Count == 0);
    }

    [Fact]
    public async Task Cancellation_OfTheCaller_StaysOne()
    {
        await using var aws = new DeafServer(Deafness.Silent);
        await using var app = await StartAsync(aws);
        using var gone = new CancellationTokenSource();
        using var waits = CallBudget.Begin(TimeProvider.System, TimeSpan.FromMinutes(5)); // as the guard before it does
        var asked = app.Services.GetRequiredService<IRedshift>().OffersAsync(null, simulated: true, gone.Token);
        await Eventually.BecomesAsync(() => Task.FromResult(aws.Calls), static calls => calls > 0);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task Background_HasAllThePatienceThereIs()
    {
        await using var aws = new DeafServer(Deafness.Broken);
        await using var app = await StartAsync(
            aws, TimeSpan.FromMilliseconds(1), new AwsTimeouts { LongestBackOff = TimeSpan.FromMilliseconds(20) });
        var clients = await app.Services.GetRequiredService<IAws>().ForAsync(new AwsPlace(Simulated: true), CancellationToken.None);
        var failed = await Assert.ThrowsAsync<AwsException>(() => clients.Sts.WhoAmIAsync(CancellationToken.None));
        Assert.False(failed.OutOfTime);
        Assert.Equal(6, aws.Calls); // each retry was made, though anybody at a page would have been told long before
    }

    private static IEnumerable<(string, Func<Task<HttpResponseMessage>>)> Operations(HttpClient http)
    {
        var source = new { events = "s3://music/log_data/", songs = "s3://music/song_data/", simulated = true };
        yield return ("offers", () => http.GetAsync("/api/v1/redshift/offers?simulated=true"));
        yield return ("plan", () => http.PostAsJsonAsync(
            "/api/v1/plans", new { name = "music", target = "redshift", simulated = true, source = SimulatedApp.Source }));
        yield return ("source", () => http.PostAsJsonAsync("/api/v1/sources/test", new { source }));
    }

    private static Task<TestApp> StartAsync(DeafServer aws, TimeSpan? interactive = null, AwsTimeouts? tries = null) => TestApp.StartAsync(
        before: builder =>
        {
            builder.Services.AddSingleton(new CallPatience { Interactive = interactive ?? Interactive });
            builder.Services.AddSingleton(tries ?? new AwsTimeouts());
        },
        arguments: ["--Aws:Simulator", "true", "--Aws:SimulatorUrl", aws.Url.ToString()]);
}
