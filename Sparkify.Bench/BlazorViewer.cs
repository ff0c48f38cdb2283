using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Sparkify.Bench;

/// <summary>A change of the page that arrived at a viewer.</summary>
/// <param name="At">When.</param>
/// <param name="Bytes">Its size, unpacked.</param>
internal sealed record PageUpdate(DateTimeOffset At, int Bytes);

/// <summary>
/// Someone who has a page open, without a browser: loads it, opens its live connection, starts its components, confirms every change and
/// answers what the server asks of the browser, all of it as <c>blazor.web.js</c> does.
/// </summary>
internal sealed partial class BlazorViewer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Uri _page;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _http;
    private readonly HubConnection _hub;
    private readonly Lock _gate = new();
    private readonly List<PageUpdate> _updates = [];
    private readonly List<Awaited> _awaited = [];
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _circuit;
    private long _wireBytes;

    private BlazorViewer(Uri page)
    {
        _page = page;
        _handler = new SocketsHttpHandler
        {
            CookieContainer = new CookieContainer(),
            AutomaticDecompression = DecompressionMethods.All,
            ConnectCallback = (context, ct) =>
                CountedConnection.OpenAsync(context, bytes => Interlocked.Add(ref _wireBytes, bytes), ct),
        };
        _http = new HttpClient(_handler, disposeHandler: false);
        _hub = Connection();
        _hub.On<long, byte[]>("JS.RenderBatch", RenderAsync);
        _hub.On<long, string, string?, int, long, int>("JS.BeginInvokeJS", AnswerAsync);
        _hub.On<string>("JS.Error", error => _broken.TrySetResult(error));
        _hub.Closed += error =>
        {
            _broken.TrySetResult(error?.Message ?? "The connection was closed.");
            return Task.CompletedTask;
        };
    }

    /// <summary>The bytes that arrived so far, as they came over the wire.</summary>
    public long WireBytes => Interlocked.Read(ref _wireBytes);

    /// <summary>Opens a page and waits until it shows every one of some texts.</summary>
    public static async Task<BlazorViewer> OpenAsync(Uri page, IReadOnlyList<string> texts, CancellationToken ct)
    {
        BlazorViewer viewer = new(page);
        try
        {
            var seen = viewer.Await(texts);
            await viewer.StartAsync(ct).WaitAsync(Patience, TimeProvider.System, ct);
            await viewer.OrBrokenAsync(seen, ct);
            return viewer;
        }
        catch
        {
            await viewer.DisposeAsync();
            throw;
        }
    }

    /// <summary>When the last of some texts has arrived, of changes from now on.</summary>
    public Task<DateTimeOffset> Await(IReadOnlyList<string> texts)
    {
        Awaited one = new(texts);
        lock (_gate)
        {
            _awaited.Add(one);
        }

        return one.Seen;
    }

    /// <summary>Waits for what this viewer is to see; throws when its page breaks before.</summary>
    public async Task<T> OrBrokenAsync<T>(Task<T> seen, CancellationToken ct)
    {
        try
        {
            await Task.WhenAny(seen, _broken.Task).WaitAsync(Patience, TimeProvider.System, ct);
        }
        catch (TimeoutException late)
        {
            lock (_gate)
            {
                var missing = string.Join(" and ", _awaited);
                throw new InvalidOperationException($"{_page} does not show {missing}; {_updates.Count} changes arrived.", late);
            }
        }

        return seen.IsCompleted ? await seen : throw new InvalidOperationException($"{_page} broke: {await _broken.Task}");
    }

    /// <summary>The changes of the page that arrived within a time.</summary>
    public IReadOnlyList<PageUpdate> Updates(DateTimeOffset from, DateTimeOffset until)
    {
        lock (_gate)
        {
            return [.. _updates.Where(u => u.At >= from && u.At <= until)];
        }
    }

    /// <summary>Closes the page and says so, as a browser does: else the server keeps it for one who only lost the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_circuit is not null && !_broken.Task.IsCompleted)
        {
            using MultipartFormDataContent body = new() { { new StringContent(_circuit), "circuitId" } };
            using var answer = await _http.PostAsync(new Uri(_page, "/_blazor/disconnect"), body, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
        }

        await _hub.DisposeAsync();
        _http.Dispose();
        _handler.Dispose();
    }

    private HubConnection Connection()
    {
        var builder = new HubConnectionBuilder().WithUrl(new Uri(_page, "/_blazor"), HttpTransportType.WebSockets, http =>
        {
            // It would only find out that there are web sockets.
            http.SkipNegotiation = true;
            http.WebSocketFactory = async (context, ct) =>
            {
                ClientWebSocket socket = new();
                // Every browser offers compression, and the server takes it up.
                socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
                using HttpMessageInvoker invoker = new(_handler, disposeHandler: false);
                await socket.ConnectAsync(context.Uri, invoker, ct);
                return socket;
            };
        });
        builder.Services.AddSingleton<IHubProtocol>(new BlazorPack());
        return builder.Build();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        var html = await _http.GetStringAsync(_page, ct);
        var state = StateComment().Match(html).Groups["state"].Value;
        var markers = ComponentComment().Matches(html).Select(m => m.Groups["marker"].Value).ToList();
        if (markers.Count == 0)
        {
            throw new InvalidOperationException($"{_page} has no live component; it begins:\n{html[..Math.Min(html.Length, 500)]}");
        }

        await _hub.StartAsync(ct);
        // A page of a web app starts an empty circuit and adds its components when the renderer has asked to be attached.
        _circuit = await _hub.InvokeAsync<string?>("StartCircuit", new Uri(_page, "/").ToString(), _page.ToString(), "[]", state, ct)
            ?? throw new InvalidOperationException($"The server did not start a circuit for {_page}.");
        await _attached.Task.WaitAsync(ct);
        var operations = markers.Select((marker, at) => $$"""{"type":"add","ssrComponentId":{{at + 1}},"marker":{{marker}}}""");
        await _hub.SendAsync("UpdateRootComponents", $$"""{"batchId":1,"operations":[{{string.Join(',', operations)}}]}""", state, ct);
    }

    private async Task RenderAsync(long batch, byte[] bytes)
    {
        Look(bytes);
        await _hub.SendAsync("OnRenderCompleted", batch, (string?)null);
    }

    private void Look(byte[] bytes)
    {
        RenderBatch batch = new(bytes);
        var now = TimeProvider.System.GetUtcNow();
        lock (_gate)
        {
            if (batch.Says("This page stopped"u8))
            {
                _broken.TrySetResult("It shows that it stopped.");
            }

            if (batch.ChangesThePage())
            {
                _updates.Add(new PageUpdate(now, bytes.Length));
            }

            for (var at = _awaited.Count - 1; at >= 0; at--)
            {
                if (_awaited[at].Look(batch, now))
                {
                    _awaited.RemoveAt(at);
                }
            }
        }
    }

    private async Task AnswerAsync(long task, string function, string? arguments, int resultType, long target, int callType)
    {
        if (function == "Blazor._internal.attachWebRendererInterop")
        {
            _attached.TrySetResult();
        }

        // Number 0 asks for no answer.
        if (task != 0)
        {
            await _hub.SendAsync("EndInvokeJSFromDotNet", task, true, $"[{task},true,{Answer(function)}]");
        }
    }

    // What the page's own scripts would answer in a wide window; the rest do something and answer nothing.
    private static string Answer(string function) => function == "sparkify.hello"
        ? JsonSerializer.Serialize(new { zone = new { name = "UTC", minutesEast = 0 }, narrow = false, drawerOpen = true })
        : "null";

    [GeneratedRegex("<!--Blazor:(?<marker>\\{\"type\":\"server\".*?\\})-->", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ComponentComment();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>[a-zA-Z0-9+/=_-]+)-->", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StateComment();

    /// <summary>Texts that are waited for.</summary>
    private sealed class Awaited(IReadOnlyList<string> texts)
    {
        private readonly TaskCompletionSource<DateTimeOffset> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<byte[]> _missing = [.. texts.Select(Encoding.UTF8.GetBytes)];

        public Task<DateTimeOffset> Seen => _seen.Task;

        /// <summary>Looks for them in a change; says whether all have arrived.</summary>
        public bool Look(RenderBatch batch, DateTimeOffset now)
        {
            for (var at = _missing.Count - 1; at >= 0; at--)
            {
                if (batch.Says(_missing[at]))
                {
                    _missing.RemoveAt(at);
                }
            }

            return _missing.Count == 0 && _seen.TrySetResult(now);
        }

        public override string ToString() => $"“{string.Join("”, “", _missing.Select(Encoding.UTF8.GetString))}”";
    }
}
