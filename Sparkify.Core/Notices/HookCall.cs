using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Core.Notices;

/// <summary>How long receivers are waited for, and when what they did not take is sent again.</summary>
/// <param name="Timeout">For how long a receiver may take to answer.</param>
/// <param name="Again">How long after each attempt the next one comes; after the last of them it is given up.</param>
internal sealed record NoticePatience(TimeSpan Timeout, IReadOnlyList<TimeSpan> Again)
{
    /// <summary>As it is unless a test is in a hurry.</summary>
    public static NoticePatience Default { get; } = new(
        TimeSpan.FromSeconds(10),
        [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2)]);
}

/// <summary>Calls hooks: signs, sends, and puts into words what came back.</summary>
internal sealed class HookCall : IDisposable
{
    private const int MostRead = 1024, MostSaid = 200;

    private readonly NoticePatience _patience;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;

    public HookCall(NoticePatience patience, TimeProvider clock)
    {
        (_patience, _clock) = (patience, clock);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // the call's own limit includes what is read of the answer
        };
    }

    /// <summary>Sends a body once.</summary>
    public async Task<HookAnswer> SendAsync(Uri address, string secret, Guid delivery, string body, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_patience.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using var request = Request(address, secret, delivery, body);
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return new HookAnswer(answer.IsSuccessStatusCode, (int)answer.StatusCode, await WordsAsync(answer, either.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new HookAnswer(Delivered: false, Status: null, $"The receiver did not answer within {_patience.Timeout.TotalSeconds:0.#} seconds.");
        }
        catch (HttpRequestException ex)
        {
            return new HookAnswer(
                Delivered: false, Status: null, ex.InnerException is SparkifyException ours ? ours.Message
                    : $"The receiver cannot be reached: {(ex.InnerException ?? ex).Message}");
        }
        catch (IOException ex)
        {
            return new HookAnswer(Delivered: false, Status: null, $"The receiver broke off in the middle of its answer: {ex.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(Uri address, string secret, Guid delivery, string body)
    {
        var time = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers =
            {
                { "User-Agent", "Sparkify" },
                { "X-Sparkify-Delivery", delivery.ToString() },
                { "X-Sparkify-Signature", $"t={time},v1={Convert.ToHexStringLower(signature)}" },
            },
        };
    }

    private static async Task<string> WordsAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var said = $"The receiver answered {(int)answer.StatusCode} {answer.ReasonPhrase}".TrimEnd();
        if ((int)answer.StatusCode is >= 300 and < 400)
        {
            return $"{said}. Redirects are not followed: give the hook the address that it leads to.";
        }

        return answer.IsSuccessStatusCode || await StartAsync(answer, ct) is not { Length: > 0 } start ? $"{said}." : $"{said}: {start}";
    }

    // A receiver says in it what it does not like; what else it holds is nobody's business here.
    private static async Task<string> StartAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        var buffer = ArrayPool<byte>.Shared.Rent(MostRead);
        try
        {
            var length = await body.ReadAtLeastAsync(buffer.AsMemory(0, MostRead), MostRead, throwOnEndOfStream: false, ct);
            var text = string.Concat(Encoding.UTF8.GetString(buffer, 0, length).EnumerateRunes().Take(MostSaid)
                .Select(static r => Rune.IsControl(r) ? " " : r.ToString()));
            return text.Trim();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // A name may lead anywhere by now, whatever it looked like when the hook was made.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct);
        if (Array.Exists(addresses, MetadataHost.IsLinkLocal))
        {
            throw SparkifyException.Invalid(
                $"{context.DnsEndPoint.Host} leads to a machine's metadata service or another link-local address, which is never called.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
