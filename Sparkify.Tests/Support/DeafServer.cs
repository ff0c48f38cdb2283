using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sparkify.Tests.Support;

/// <summary>How a server fails whoever calls it.</summary>
public enum Deafness
{
    /// <summary>It takes connections and never says a word.</summary>
    Silent,

    /// <summary>It begins an answer and sends a byte of it from time to time, for ever.</summary>
    Dripping,

    /// <summary>It answers every call with 503.</summary>
    Broken,

    /// <summary>It turns every call down because there were too many.</summary>
    Throttling,

    /// <summary>It does not even take connections: what is sent there is swallowed.</summary>
    BlackHole,
}

/// <summary>A real listener that does not answer as it should.</summary>
internal sealed class DeafServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly List<Socket> _plugs = [];
    private readonly Task _taking = Task.CompletedTask;
    private int _calls;

    public DeafServer(Deafness how)
    {
        _listener.Start(how == Deafness.BlackHole ? 1 : 100);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        if (how == Deafness.BlackHole)
        {
            // Its queue is full and nobody empties it: the system drops what else comes.
            for (var plug = 0; plug < 8; plug++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _plugs.Add(socket);
                try
                {
                    socket.Connect(IPAddress.Loopback, Port);
                }
                catch (SocketException)
                {
                    // On its way, which is as far as it gets.
                }
            }
        }
        else
        {
            _taking = TakeAsync(how);
        }
    }

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    /// <summary>How many calls have come so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Dispose();
        _plugs.ForEach(static p => p.Dispose());
        await _taking;
        _ends.Dispose();
    }

    private async Task TakeAsync(Deafness how)
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ends.Token), how));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client, Deafness how)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var buffer = new byte[16 * 1024];
                // One call a connection is enough: each answer ends it.
                while (await stream.ReadAsync(buffer, _ends.Token) is > 0 and var length)
                {
                    Interlocked.Increment(ref _calls);
                    switch (how)
                    {
                        case Deafness.Broken:
                            await SendAsync(stream, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                            return;
                        case Deafness.Throttling:
                            // S3, which is asked by GET, says it in its own way.
                            var (status, body) = Encoding.ASCII.GetString(buffer, 0, length).StartsWith("POST", StringComparison.Ordinal)
                                ? ("400 Bad Request", "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>")
                                : ("503 Slow Down", "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
                            await SendAsync(stream, $"HTTP/1.1 {status}\r\nContent-Type: text/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
                            return;
                        case Deafness.Dripping:
                            await SendAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n");
                            while (true)
                            {
                                await SendAsync(stream, " ");
                                await Task.Delay(50, _ends.Token);
                            }

                        default:
                            break;
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // Whoever called has gone, or the test has ended.
            }
        }
    }

    private Task SendAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), _ends.Token).AsTask();
}
