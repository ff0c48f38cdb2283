using Microsoft.AspNetCore.Http.Features;

namespace Sparkify.Web.Api.Contract;

/// <summary>
/// HEAD is GET without its body. The work ends with the first byte that would be sent: a file is not read, and what is followed live is
/// not waited for.
/// </summary>
internal static class HeadRequests
{
    public static void UseHeadRequests(this WebApplication app) => app.Use(static async (http, next) =>
    {
        if (!HttpMethods.IsHead(http.Request.Method) || !IsForPrograms(http.Request.Path))
        {
            await next(http);
            return;
        }

        http.Request.Method = HttpMethods.Get;
        var (body, caller) = (http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), http.RequestAborted);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(caller);
        http.RequestAborted = enough.Token;
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new NoBody(body, enough), body));
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !caller.IsCancellationRequested)
        {
            // All that was asked for has been sent.
        }
        finally
        {
            http.Features.Set(body);
            http.RequestAborted = caller;
            http.Request.Method = HttpMethods.Head;
        }
    });

    private static bool IsForPrograms(PathString path) => path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase) || path == "/healthz" || path == "/readyz";

    /// <summary>Sends the headers in the place of a body.</summary>
    private sealed class NoBody(IHttpResponseBodyFeature body, CancellationTokenSource enough) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await body.StartAsync(CancellationToken.None);
            await enough.CancelAsync();
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
            // There is nothing to be sent.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
