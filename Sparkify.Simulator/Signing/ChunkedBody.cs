using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sparkify.Simulator.Signing;

/// <summary>
/// The <c>aws-chunked</c> framing of S3 uploads, each piece signed after the one before it
/// (Amazon S3 API Reference, "Transferring Payload in Multiple Chunks").
/// </summary>
internal sealed class ChunkedBody(byte[] signingKey, string moment, string scope, string seed)
{
    public const string Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    public const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    private static readonly string EmptyHash = SignatureCheck.Hex(SHA256.HashData([]));
    private string _previous = seed;
    private int _at;

    /// <summary>The payload without its framing; refused when a piece's signature does not fit.</summary>
    public byte[] Decode(byte[] body, string kind)
    {
        using var payload = new MemoryStream();
        while (true)
        {
            var head = Line(body).Split(';', 2);
            if (!int.TryParse(
                head[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size > body.Length - _at)
            {
                throw Incomplete();
            }

            var piece = body.AsSpan(_at, size);
            _at += size;
            if (kind != UnsignedTrailer)
            {
                Check(head.ElementAtOrDefault(1)?.Replace("chunk-signature=", "", StringComparison.Ordinal),
                    $"AWS4-HMAC-SHA256-PAYLOAD\n{moment}\n{scope}\n{_previous}\n{EmptyHash}\n{Hash(piece)}");
            }

            if (size == 0)
            {
                Trailers(body, kind);
                return payload.ToArray();
            }

            payload.Write(piece);
            if (Line(body).Length > 0)
            {
                throw Incomplete();
            }
        }
    }

    private void Trailers(byte[] body, string kind)
    {
        var canonical = new StringBuilder();
        while (_at < body.Length && Line(body) is { Length: > 0 } line)
        {
            var (name, value) = line.Split(':', 2) is [var n, var v] ? (n.Trim().ToLowerInvariant(), v.Trim()) : throw Incomplete();
            if (name == "x-amz-trailer-signature")
            {
                Check(
                    value,
                    $"AWS4-HMAC-SHA256-TRAILER\n{moment}\n{scope}\n{_previous}\n{Hash(Encoding.UTF8.GetBytes(canonical.ToString()))}");
                return;
            }

            canonical.Append(name).Append(':').Append(value).Append('\n');
        }

        if (kind == SignedTrailer)
        {
            throw Refusals.WrongSignature("s3");
        }
    }

    private void Check(string? claimed, string toSign)
    {
        var expected = SignatureCheck.Hex(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(toSign)));
        if (claimed is null || !SignatureCheck.Same(claimed, expected))
        {
            throw Refusals.WrongSignature("s3");
        }

        _previous = expected;
    }

    private string Line(byte[] body)
    {
        var length = body.AsSpan(_at).IndexOf("\r\n"u8);
        if (length < 0)
        {
            throw Incomplete();
        }

        var line = Encoding.ASCII.GetString(body, _at, length);
        _at += length + 2;
        return line;
    }

    private static string Hash(ReadOnlySpan<byte> data) => SignatureCheck.Hex(SHA256.HashData(data));

    private static AwsErrorException Incomplete()
        => new("IncompleteBody", "The request body terminated unexpectedly.");
}
