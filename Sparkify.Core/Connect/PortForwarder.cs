using System.Net;
using System.Net.Sockets;
using Dapper;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Connect;

/// <summary>
/// Carries connections from one port of this machine to the socket of the embedded server, for people's own logins and nobody else: the
/// server itself listens nowhere. Either end that closes closes the other.
/// </summary>
internal sealed partial class PortForwarder(string socket, int most, IStore store, ILogger<PortForwarder> logger) : IAsyncDisposable
{
    // Whoever has not yet been let in by the server has so long.
    private static readonly TimeSpan Greeting = TimeSpan.FromSeconds(10);

    // So many may be waiting to be taken to the server: with one more the oldest of them goes, so that strangers keep nobody out. So few
    // are with it at once before it lets them in: the others wait their turn, and many who come together are all served.
    private const int Strangers = 32;
    private readonly SemaphoreSlim _places = new(8);

    // Never disposed of: connections end with it at any moment.
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _open = [];
    private readonly List<CancellationTokenSource> _strangers = [];
    private readonly Lock _gate = new();
    private int _inside;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>The port it is.</summary>
    public int Port => ((IPEndPoint)_listener!.LocalEndPoint!).Port;

    /// <summary>Takes the port, which is closed until <see cref="Open"/>; a sentence when another program has it.</summary>
    public void Take(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        _listener = listener;
        Try(port, () => listener.Bind(new IPEndPoint(IPAddress.Loopback, port)));
    }

    /// <summary>Opens it; a sentence when another program was quicker.</summary>
    public void Open()
    {
        Try(Port, () => _listener!.Listen());
        _accepting = AcceptAsync(_listener!);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        Task[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        await Task.WhenAll(open);
    }

    private void Try(int port, Action what)
    {
        try
        {
            what();
        }
        catch (SocketException ex)
        {
            _listener!.Dispose();
            throw SparkifyException.Conflict(ex.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Another program uses the port {port} of this machine. Choose another one, or none for any that is free.",
                SocketError.AccessDenied => $"The account '{Environment.UserName}' may not open the port {port}. Choose one from 1024 on.",
                _ => $"The port {port} cannot be opened: {ex.Message}",
            });
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_end.Token);
                lock (_gate)
                {
                    if (_strangers.Count >= Strangers)
                    {
                        _strangers[0].Cancel();
                        _strangers.RemoveAt(0);
                    }

                    var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                    patience.CancelAfter(Greeting);
                    _strangers.Add(patience);
                    _open.RemoveAll(static t => t.IsCompleted);
                    _open.Add(ServeAsync(client, patience));
                }
            }
            catch (Exception ex) when (_end.IsCancellationRequested
                && ex is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException ex)
            {
                // Whoever came has left already, or there is no handle for them just now.
                NotServed(logger, ex.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationTokenSource patience)
    {
        await Task.Yield();
        var (inside, placed) = (false, false);
        await using var from = new NetworkStream(client, ownsSocket: true);
        try
        {
            client.NoDelay = true;
            if (await GreetAsync(from, patience.Token) is not { } first)
            {
                return;
            }

            await _places.WaitAsync(patience.Token);
            placed = true;
            lock (_gate)
            {
                _strangers.Remove(patience);
            }

            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(new UnixDomainSocketEndPoint(socket), patience.Token);
            await using var to = new NetworkStream(server, ownsSocket: false);
            await to.WriteAsync(first.Bytes, patience.Token);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
            var both = new[] { from.CopyToAsync(to, either.Token), AnswerAsync(to, from, either.Token) };
            await Task.WhenAny(both);
            await either.CancelAsync();
            await Task.WhenAll(both);
        }
        catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end has gone, or it took too long.
        }
        catch (Exception ex)
        {
            NotServed(logger, ex.Message); // such as a store that is away: whoever came tries again
        }
        finally
        {
            lock (_gate)
            {
                _strangers.Remove(patience);
                _inside -= inside ? 1 : 0;
            }

            if (placed)
            {
                _places.Release();
            }

            patience.Dispose(); // nobody cancels it who does not find it among the strangers
        }

        // What the server says, as long as it asks who it is.
        async Task AnswerAsync(NetworkStream server, NetworkStream to, CancellationToken ct)
        {
            while (await ServerMessage.ReadAsync(server, ct) is { } message)
            {
                if (message.LetsIn)
                {
                    if (!LetIn(patience))
                    {
                        await to.WriteAsync(StartupPacket.Refusal("53300", Full), ct);
                        return;
                    }

                    (inside, placed) = (true, false);
                    _places.Release();
                    await to.WriteAsync(message.Bytes, ct);
                    await server.CopyToAsync(to, ct);
                    return;
                }

                await to.WriteAsync(message.Bytes, ct);
            }
        }
    }

    private string Full => $"All {most} connections of this port are in use.";

    // With all the time there is; not when there are as many already.
    private bool LetIn(CancellationTokenSource patience)
    {
        lock (_gate)
        {
            if (_inside >= most)
            {
                return false;
            }

            patience.CancelAfter(Timeout.InfiniteTimeSpan);
            _inside++;
            return true;
        }
    }

    private async Task<StartupPacket?> GreetAsync(NetworkStream client, CancellationToken ct)
    {
        while (await StartupPacket.ReadAsync(client, ct) is { } packet)
        {
            if (packet.AsksForEncryption)
            {
                await client.WriteAsync("N"u8.ToArray(), ct);
            }
            else if (packet.Cancels)
            {
                return packet;
            }
            else if (packet.Users() is not [var user] || !await IsAdmittedAsync(user, ct))
            {
                await RefuseAsync("28000", "This port is for the logins that people make under Connect in Sparkify, and for no others.");
                return null;
            }
            else if (Volatile.Read(ref _inside) >= most)
            {
                await RefuseAsync("53300", Full);
                return null;
            }
            else
            {
                return packet;
            }
        }

        return null;

        async Task RefuseAsync(string code, string message) => await client.WriteAsync(StartupPacket.Refusal(code, message), ct);
    }

    private async Task<bool> IsAdmittedAsync(string user, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from personal_logins where role = @user and state = 'good')", new { user }, cancellationToken: ct));
    }

    [LoggerMessage(4121, LogLevel.Warning, "A connection to the port of the embedded server was not served: {Why}")]
    private static partial void NotServed(ILogger logger, string why);
}
