using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Sparkify.Tests.Support;

/// <summary>A call that came in.</summary>
internal sealed record Received(string Path, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>A real server that takes what hooks send, and answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<Received> _all = new();

    private Receiver(WebApplication server) => _server = server;

    /// <summary>What came in so far, in order.</summary>
    public IReadOnlyList<Received> All => [.. _all];

    /// <summary>How it answers the call of this number, from 1; taken at once unless said otherwise.</summary>
    public Func<HttpContext, int, Task> AnswerAsync { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>An address of it.</summary>
    public string Url(string path = "hook") => $"{_server.Urls.Single()}/{path}";

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._server.Run(receiver.TakeAsync);
        await receiver._server.StartAsync();
        return receiver;
    }

    /// <summary>Waits until so many calls came in.</summary>
    public Task<IReadOnlyList<Received>> GotAsync(int calls) =>
        Eventually.BecomesAsync(() => Task.FromResult(All), all => all.Count >= calls);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        _all.Enqueue(new Received(
            http.Request.Path, body,
            http.Request.Headers.ToDictionary(static h => h.Key, static h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        await AnswerAsync(http, _all.Count);
    }
}
