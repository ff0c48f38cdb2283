using Microsoft.AspNetCore.Http.Features;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api.Contract;

/// <summary>
/// The longest body a call takes. The server's own limit closes the connection on what it has not read, and a client that is still sending
/// learns of a broken pipe instead of the refusal. Here the answer is sent, and the server reads on and forgets for the five seconds it
/// gives a connection to end.
/// </summary>
internal static class BodyLimit
{
    /// <summary>The longest body, in bytes: the longest query a person may write.</summary>
    public const long Longest = 1 << 20;

    /// <summary>What is said of a body that is too large.</summary>
    public static readonly string TooLarge = $"The body is larger than this call takes: at most {Longest / 1024:N0} kB.";

    public static void UseBodyLimit(this WebApplication app) => app.Use(static (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            return next(http);
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
        {
            server.MaxRequestBodySize = null;
        }

        if (http.Request.ContentLength > Longest)
        {
            throw new HttpProblem(StatusCodes.Status413PayloadTooLarge, TooLarge);
        }

        if (http.Request.ContentLength is null && http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            http.Request.Body = new CountedBody(http.Request.Body);
        }

        return next(http);
    });

    /// <summary>A body whose length nobody announced.</summary>
    private sealed class CountedBody(Stream body) : ForwardStream
    {
        private long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            _read += read;
            return _read > Longest ? throw new HttpProblem(StatusCodes.Status413PayloadTooLarge, TooLarge) : read;
        }
    }
}
