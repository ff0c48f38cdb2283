using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Sparkify.Simulator;

namespace Sparkify.Tests.Simulator;

/// <summary>Signs one JSON request by the book, so that a test can then change it.</summary>
internal static class TestSigner
{
    public static HttpRequestMessage Sign(SimulatorServer simulator, string service, string target, string body)
    {
        var moment = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{moment[..8]}/{simulator.Options.Region}/{service}/aws4_request";
        const string Signed = "host;x-amz-date;x-amz-target";
        var canonical = $"POST\n/\n\nhost:{simulator.Url.Authority}\nx-amz-date:{moment}\nx-amz-target:{target}\n\n{Signed}\n{Hash(body)}";
        var key = Encoding.UTF8.GetBytes("AWS4" + simulator.Options.SecretKey);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var signature = Convert.ToHexStringLower(
            HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{Hash(canonical)}")));
        var request = new HttpRequestMessage(
            HttpMethod.Post, simulator.Url)
        { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.TryAddWithoutValidation("x-amz-date", moment);
        request.Headers.TryAddWithoutValidation("x-amz-target", target);
        request.Headers.TryAddWithoutValidation("authorization",
            $"AWS4-HMAC-SHA256 Credential={simulator.Options.AccessKey}/{scope}, SignedHeaders={Signed}, Signature={signature}");
        return request;
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
