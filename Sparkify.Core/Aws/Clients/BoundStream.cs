using Sparkify.Core.Common;

namespace Sparkify.Core.Aws.Clients;

/// <summary>An object on its way in, for as long as somebody waits for the operation that reads it.</summary>
/// <param name="inner">The object.</param>
/// <param name="over">What to throw when the operation's time ends first.</param>
internal sealed class BoundStream(Stream inner, Func<CallBudget, Exception> over) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        CallBudget.Now is null ? await inner.ReadAsync(buffer, cancellationToken)
        : await CallBudget.WithinAsync(within => inner.ReadAsync(buffer, within).AsTask(), over, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
