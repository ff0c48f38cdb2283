using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Sparkify.Simulator;

namespace Sparkify.Tests.Simulator;

/// <summary>Signs requests by the book, so that a test can then change them, or say what no client of ours says.</summary>
internal static class TestSigner
{
    /// <summary>A JSON request.</summary>
    public static HttpRequestMessage Sign(SimulatorServer simulator, string service, string target, string body)
    {
        var request = Sign(
            simulator, simulator.Options.AccessKey, simulator.Options.SecretKey, service, body, [new("x-amz-target", target)]);
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        return request;
    }

    /// <summary>A Query request with a key and what goes with it.</summary>
    public static HttpRequestMessage SignForm(
        SimulatorServer simulator, (string Id, string Secret, string? Token) key, string service, string form)
    {
        var request = Sign(simulator, key.Id, key.Secret, service, form,
            key.Token is null ? [] : [new("x-amz-security-token", key.Token)]);
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        return request;
    }

    // The headers come after host and x-amz-date in the alphabet, which is the order that is signed.
    private static HttpRequestMessage Sign(
        SimulatorServer simulator, string key, string secret, string service, string body, KeyValuePair<string, string>[] headers)
    {
        var moment = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{moment[..8]}/{simulator.Options.Region}/{service}/aws4_request";
        KeyValuePair<string, string>[] signed = [new("host", simulator.Url.Authority), new("x-amz-date", moment), .. headers];
        var names = string.Join(';', signed.Select(static h => h.Key));
        var canonical = $"POST\n/\n\n{string.Concat(signed.Select(static h => $"{h.Key}:{h.Value}\n"))}\n{names}\n{Hash(body)}";
        var signing = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in scope.Split('/'))
        {
            signing = HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes(part));
        }

        var signature = Convert.ToHexStringLower(
            HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{Hash(canonical)}")));
        var request = new HttpRequestMessage(
            HttpMethod.Post, simulator.Url)
        { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        foreach (var (name, value) in signed.Skip(1))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("authorization",
            $"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}");
        return request;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
