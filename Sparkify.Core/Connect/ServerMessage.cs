using System.Buffers.Binary;

namespace Sparkify.Core.Connect;

/// <summary>Something that a server of PostgreSQL says.</summary>
/// <param name="Bytes">All of it, its head included.</param>
internal sealed record ServerMessage(ReadOnlyMemory<byte> Bytes)
{
    private const int Head = 5;
    private const int Most = 65_536; // more than any of those that ask who somebody is

    /// <summary>Whether it says that somebody is who they say: AuthenticationOk.</summary>
    public bool LetsIn => Bytes.Span is [(byte)'R', _, _, _, _, 0, 0, 0, 0];

    /// <summary>Reads one; none when the server has closed, or says what it does not say to those that it has not let in.</summary>
    public static async Task<ServerMessage?> ReadAsync(Stream server, CancellationToken ct)
    {
        var head = new byte[Head];
        if (await server.ReadAtLeastAsync(head, Head, throwOnEndOfStream: false, ct) < Head)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4;
        if (length is < 0 or > Most)
        {
            return null;
        }

        var all = new byte[Head + length];
        head.CopyTo(all, 0);
        return await server.ReadAtLeastAsync(all.AsMemory(Head), length, throwOnEndOfStream: false, ct) < length
            ? null : new ServerMessage(all);
    }
}
