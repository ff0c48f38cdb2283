using System.Net.Sockets;

namespace Sparkify.Bench;

/// <summary>A connection that counts what arrives on it, as it came over the wire: compressed, with frames and headers.</summary>
internal sealed class CountedConnection : NetworkStream
{
    private readonly Action<int> _arrived;

    private CountedConnection(Socket socket, Action<int> arrived)
        : base(socket, ownsSocket: true) => _arrived = arrived;

    /// <summary>Opens one.</summary>
    public static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, Action<int> arrived, CancellationToken ct)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new CountedConnection(socket, arrived);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var bytes = await base.ReadAsync(buffer, cancellationToken);
        _arrived(bytes);
        return bytes;
    }
}
