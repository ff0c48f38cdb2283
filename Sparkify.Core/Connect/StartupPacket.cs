using System.Buffers.Binary;
using System.Text;

namespace Sparkify.Core.Connect;

/// <summary>The first that a client of PostgreSQL says: as whom it comes, or that it wants to encrypt or to cancel first.</summary>
/// <param name="Bytes">All of it, its length included.</param>
internal sealed record StartupPacket(ReadOnlyMemory<byte> Bytes)
{
    private const int Most = 10_000; // the server's own limit
    private const int Head = 8;

    private enum Code
    {
        Cancel = (1234 << 16) | 5678,
        Tls = (1234 << 16) | 5679,
        Gss = (1234 << 16) | 5680,
    }

    /// <summary>Whether encryption is asked for, which this way has not: <c>N</c> is the answer.</summary>
    public bool AsksForEncryption => What is Code.Tls or Code.Gss;

    /// <summary>Whether another session's statement is to be cancelled, by a secret of that session.</summary>
    public bool Cancels => What == Code.Cancel;

    private Code What => (Code)BinaryPrimitives.ReadInt32BigEndian(Bytes.Span[4..]);

    /// <summary>Reads one; none when what comes is nothing of the kind.</summary>
    public static async Task<StartupPacket?> ReadAsync(Stream client, CancellationToken ct)
    {
        var head = new byte[Head];
        if (await client.ReadAtLeastAsync(head, Head, throwOnEndOfStream: false, ct) < Head)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is < Head or > Most)
        {
            return null;
        }

        var all = new byte[length];
        head.CopyTo(all, 0);
        return await client.ReadAtLeastAsync(all.AsMemory(Head), length - Head, throwOnEndOfStream: false, ct) < length - Head
            ? null : new StartupPacket(all);
    }

    /// <summary>
    /// As whom it comes: the server takes the last of several, so all of them are here. None when it cannot be read as the server reads it.
    /// </summary>
    public IReadOnlyList<string>? Users()
    {
        if ((int)What >> 16 != 3)
        {
            return null; // only the third version of the protocol says it so
        }

        List<string> users = [];
        var rest = Bytes.Span[Head..];
        while (!rest.IsEmpty)
        {
            if (rest[0] == 0)
            {
                return rest.Length == 1 ? users : null;
            }

            if (!TryText(ref rest, out var name) || !TryText(ref rest, out var value))
            {
                return null;
            }

            if (name == "user")
            {
                users.Add(value);
            }
        }

        return null;
    }

    /// <summary>What a client is told that is not let in.</summary>
    public static byte[] Refusal(string code, string message)
    {
        List<byte> fields = [];
        foreach (var field in new[] { "SFATAL", "VFATAL", $"C{code}", $"M{message}" })
        {
            fields.AddRange(Encoding.UTF8.GetBytes(field));
            fields.Add(0);
        }

        fields.Add(0);
        var answer = new byte[5 + fields.Count];
        answer[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(answer.AsSpan(1), 4 + fields.Count);
        fields.CopyTo(answer, 5);
        return answer;
    }

    private static bool TryText(ref ReadOnlySpan<byte> rest, out string text)
    {
        var end = rest.IndexOf((byte)0);
        text = end < 0 ? "" : Encoding.UTF8.GetString(rest[..end]);
        rest = end < 0 ? [] : rest[(end + 1)..];
        return end >= 0;
    }
}
