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
    private static readonly TimeSpan Greeting = TimeSpan.FromSeconds(10);

    // Never disposed of: connections end with it at any moment.
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _open = [];
    private readonly Lock _gate = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>The port it is.</summary>
    public int Port => ((IPEndPoint)_listener!.LocalEndpoint).Port;

    /// <summary>Opens the port; a sentence when it is taken.</summary>
    public void Open(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
        }
        catch (SocketException ex)
        {
            listener.Dispose();
            throw SparkifyException.Conflict(ex.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Another program uses the port {port} of this machine. Choose another one, or none for any that is free.",
                SocketError.AccessDenied => $"The account '{Environment.UserName}' may not open the port {port}. Choose one from 1024 on.",
                _ => $"The port {port} cannot be opened: {ex.Message}",
            });
        }

        _listener = listener;
        _accepting = AcceptAsync(listener);
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

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptSocketAsync(_end.Token);
                lock (_gate)
                {
                    _open.RemoveAll(static t => t.IsCompleted);
                    _open.Add(ServeAsync(client, full: _open.Count >= most));
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

    private async Task ServeAsync(Socket client, bool full)
    {
        await Task.Yield();
        await using var from = new NetworkStream(client, ownsSocket: true);
        try
        {
            client.NoDelay = true;
            if (await GreetAsync(from, full) is not { } first)
            {
                return;
            }

            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(new UnixDomainSocketEndPoint(socket), _end.Token);
            await using var to = new NetworkStream(server, ownsSocket: false);
            await to.WriteAsync(first.Bytes, _end.Token);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            var both = new[] { from.CopyToAsync(to, either.Token), to.CopyToAsync(from, either.Token) };
            await Task.WhenAny(both);
            await either.CancelAsync();
            await Task.WhenAll(both);
        }
        catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either end has gone.
        }
        catch (Exception ex)
        {
            NotServed(logger, ex.Message); // such as a store that is away: whoever came tries again
        }
    }

    private async Task<StartupPacket?> GreetAsync(NetworkStream client, bool full)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        patience.CancelAfter(Greeting);
        while (await StartupPacket.ReadAsync(client, patience.Token) is { } packet)
        {
            if (packet.AsksForEncryption)
            {
                await client.WriteAsync("N"u8.ToArray(), patience.Token);
            }
            else if (packet.Cancels)
            {
                return packet;
            }
            else if (full)
            {
                await RefuseAsync("53300", $"All {most} connections of this port are in use.");
                return null;
            }
            else if (packet.Users() is [var user] && await IsAdmittedAsync(user, patience.Token))
            {
                return packet;
            }
            else
            {
                await RefuseAsync("28000", "This port is for the logins that people make under Connect in Sparkify, and for no others.");
                return null;
            }
        }

        return null;

        async Task RefuseAsync(string code, string message) =>
            await client.WriteAsync(StartupPacket.Refusal(code, message), patience.Token);
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
