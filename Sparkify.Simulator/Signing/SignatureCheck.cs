using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sparkify.Simulator.Signing;

/// <summary>Who signed a request, for which service and region.</summary>
internal sealed record Caller(string AccessKey, string Service, string Region, string? Arn = null);

/// <summary>
/// Recomputes a request's Signature Version 4 from what came over the wire, with nothing shared with any client
/// (AWS General Reference, "Create a signed AWS API request").
/// </summary>
internal sealed class SignatureCheck(KeyRing keys, TimeProvider clock)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(15);

    /// <summary>The caller and the payload (with chunk framing taken off). Throws the error the service would answer with.</summary>
    public (Caller Caller, byte[] Payload) Verify(AwsRequest request)
    {
        var signed = Authorization.Parse(request) ?? throw Refusals.Unsigned(AwsProtocol.Of(request, GuessService(request)));
        var caller = new Caller(signed.AccessKey, signed.Service, signed.Region);
        var protocol = AwsProtocol.Of(request, caller.Service);
        var key = keys.Find(signed.AccessKey) ?? throw Refusals.UnknownKey(protocol);
        CheckToken(request, key, protocol);
        var moment = Moment(request, signed, protocol);

        var payloadHash = PayloadHash(request, protocol);
        var canonical = Canonical(request, signed, payloadHash, protocol);
        var scope = $"{signed.Date}/{signed.Region}/{signed.Service}/aws4_request";
        var toSign = $"{Algorithm}\n{moment}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signingKey = SigningKey(key.Secret, signed);
        if (!Same(Hex(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(toSign))), signed.Signature))
        {
            throw Refusals.WrongSignature(protocol);
        }

        var payload = payloadHash.StartsWith("STREAMING-", StringComparison.Ordinal)
            ? new ChunkedBody(signingKey, moment, scope, signed.Signature).Decode(request.Body, payloadHash)
            : request.Body;
        return (caller with { Arn = key.Arn }, payload);
    }

    /// <summary>The service a request without a signature was most likely meant for.</summary>
    public static string GuessService(AwsRequest request) => request.Header("content-type") switch
    {
        { } type when type.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) => "sts",
        { } type when type.StartsWith("application/x-amz-json", StringComparison.Ordinal) => "secretsmanager",
        _ => "s3",
    };

    private void CheckToken(AwsRequest request, AccessKey key, string protocol)
    {
        if (!string.Equals(request.Header("x-amz-security-token"), key.Token, StringComparison.Ordinal))
        {
            throw Refusals.UnknownKey(protocol);
        }

        if (key.ExpiresAt is { } end && clock.GetUtcNow() >= end)
        {
            throw Refusals.Expired(protocol);
        }
    }

    private string Moment(AwsRequest request, Authorization signed, string protocol)
    {
        var text = request.Header("x-amz-date") ?? throw Refusals.WrongSignature(protocol);
        if (!DateTimeOffset.TryParseExact(
            text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            || !text.StartsWith(signed.Date, StringComparison.Ordinal))
        {
            throw Refusals.WrongSignature(protocol);
        }

        return (clock.GetUtcNow() - moment).Duration() <= Tolerance ? text : throw Refusals.Skewed(protocol, text);
    }

    private static string PayloadHash(AwsRequest request, string protocol)
    {
        var actual = Hex(SHA256.HashData(request.Body));
        if (request.Header("x-amz-content-sha256") is not { } claimed)
        {
            return actual;
        }

        // Only S3 lets the signature leave the payload out, or sign it piece by piece.
        if (protocol == "s3" && claimed is "UNSIGNED-PAYLOAD" or ChunkedBody.Signed or ChunkedBody.SignedTrailer
            or ChunkedBody.UnsignedTrailer)
        {
            return claimed;
        }

        return Same(claimed, actual) ? claimed : throw (protocol == "s3"
            ? new AwsErrorException(
                "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
            : Refusals.WrongSignature(protocol));
    }

    private static string Canonical(AwsRequest request, Authorization signed, string payloadHash, string protocol)
    {
        var text = new StringBuilder(request.Method).Append('\n');
        // S3 signs the path as it is; the others normalise, and ask for nothing but "/".
        text.Append(Encode(Uri.UnescapeDataString(request.RawPath), keepSlash: true)).Append('\n');
        text.AppendJoin('&', request.Query
            .Select(static p => (Name: Encode(p.Key, keepSlash: false), Value: Encode(p.Value, keepSlash: false)))
            .OrderBy(static p => p.Name, StringComparer.Ordinal).ThenBy(static p => p.Value, StringComparer.Ordinal)
            .Select(static p => $"{p.Name}={p.Value}")).Append('\n');
        foreach (var name in signed.Headers)
        {
            var value = request.Header(name) ?? throw Refusals.WrongSignature(protocol);
            text.Append(name).Append(':').AppendJoin(
                ' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Append('\n');
        }

        return text.Append('\n').AppendJoin(';', signed.Headers).Append('\n').Append(payloadHash).ToString();
    }

    private static byte[] SigningKey(string secret, Authorization signed)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secret), Encoding.UTF8.GetBytes(signed.Date));
        foreach (var part in (ReadOnlySpan<string>)[signed.Region, signed.Service, "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return key;
    }

    internal static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    internal static bool Same(string left, string right)
        => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    /// <summary>Percent-encoding as the algorithm defines it: everything but unreserved characters, upper-case hex.</summary>
    private static string Encode(string text, bool keepSlash)
    {
        var encoded = Uri.EscapeDataString(text);
        return keepSlash ? encoded.Replace("%2F", "/", StringComparison.Ordinal) : encoded;
    }
}

/// <summary>The parts of an <c>Authorization</c> header.</summary>
internal sealed record Authorization(
    string AccessKey, string Date, string Region, string Service, IReadOnlyList<string> Headers, string Signature)
{
    public static Authorization? Parse(AwsRequest request)
    {
        if (request.Header("authorization") is not { } header || !header.StartsWith("AWS4-HMAC-SHA256 ", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = header["AWS4-HMAC-SHA256 ".Length..].Split(',', StringSplitOptions.TrimEntries)
            .Select(static p => p.Split('=', 2)).Where(static p => p.Length == 2)
                .ToDictionary(static p => p[0], static p => p[1], StringComparer.Ordinal);
        return parts.TryGetValue("Credential", out var credential)
            && credential.Split('/') is [var key, var date, var region, var service, "aws4_request"]
            && parts.TryGetValue("SignedHeaders", out var headers) && parts.TryGetValue("Signature", out var signature)
            ? new Authorization(key, date, region, service, headers.Split(';'), signature)
            : null;
    }
}
