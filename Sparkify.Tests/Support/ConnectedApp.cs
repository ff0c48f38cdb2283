using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Clients;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;

namespace Sparkify.Tests.Support;

/// <summary>
/// The real application before an account that stands in for AWS itself, with two users' keys, a role, and a bucket of raw data.
/// </summary>
internal sealed class ConnectedApp : IAsyncDisposable
{
    public const string All = "/api/v1/aws/connections";
    public const string Ann = "AKIATESTKEY000000001", AnnSecret = "planted/secret+of+ann/0123456789abcdefghi";
    public const string Bob = "AKIATESTKEY000000002", BobSecret = "planted/secret+of+bob/0123456789abcdefghi";

    private ConnectedApp(SimulatorServer aws, TestApp app, string role, LogKeeper logs) => (Aws, App, Role, Logs) = (aws, app, role, logs);

    /// <summary>The account.</summary>
    public SimulatorServer Aws { get; }

    public TestApp App { get; }

    /// <summary>The ARN of a role that ann may assume with the external id <c>x-1</c>.</summary>
    public string Role { get; }

    /// <summary>Everything that was logged, at every level.</summary>
    public LogKeeper Logs { get; }

    public HttpClient Http => App.Http;

    /// <summary>The bucket's data.</summary>
    public static object Source { get; } = new { events = "s3://music/log_data/", songs = "s3://music/song_data/" };

    public static async Task<ConnectedApp> StartAsync(Action<WebApplicationBuilder>? before = null)
    {
        var aws = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        aws.AddKey(Ann, AnnSecret, user: "ann");
        aws.AddKey(Bob, BobSecret, user: "bob");
        aws.CreateBucket("music");
        string role;
        using (var door = AwsTestClients.To(aws))
        {
            role = (await door.Clients.Iam.CreateRoleAsync(new NewRole(
                "analytics", """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ann"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x-1"}}}]}""",
                "for tests", new Dictionary<string, string>()), default)).Arn;
            await PutAsync(door, "log_data/1.json", Support.Source.Event(item: 1));
            await PutAsync(door, "song_data/0.json", Support.Source.Song());
        }

        var logs = new LogKeeper();
        var app = await TestApp.StartAsync(
            before: builder =>
            {
                builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
                builder.Services.AddSingleton(
                    new AwsTimeouts { Retries = 1, LongestBackOff = TimeSpan.FromMilliseconds(20) });
                builder.Services.AddSingleton(SimulatedApp.Patience);
                before?.Invoke(builder);
            },
            arguments: ["--Aws:ServiceUrl", aws.Url.ToString(), "--Aws:Region", aws.Options.Region]);
        return new ConnectedApp(aws, app, role, logs);
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Aws.DisposeAsync();
    }

    /// <summary>Makes a connection.</summary>
    public async Task<JsonElement> AddAsync(object body)
    {
        using var answer = await Http.PostAsJsonAsync(All, body);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Makes the connections <c>ann</c> and <c>bob</c>, each by its key.</summary>
    public async Task AddBothAsync()
    {
        await AddAsync(new { name = "ann", accessKey = Ann, secretKey = AnnSecret });
        await AddAsync(new { name = "bob", accessKey = Bob, secretKey = BobSecret });
    }

    /// <summary>Asks for something that is refused, and gives the sentence.</summary>
    public async Task<string> RefusedAsync(HttpMethod method, string path, object? body, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
    }

    private static async Task PutAsync(AwsTestClients door, string key, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await door.Clients.S3.PutAsync("music", key, content, default);
    }
}
