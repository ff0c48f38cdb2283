using System.Threading.Channels;

namespace Sparkify.Core.Notices;

/// <summary>Wakes whoever sends notices: something is to be sent, or there is room to send more.</summary>
internal sealed class DeliverySignal
{
    // However often it is set while nobody waits: one look finds everything.
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes.</summary>
    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>Waits until it is set, or for as long as is given.</summary>
    public async Task WaitAsync(TimeSpan most, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            await _set.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // It was time.
        }
    }
}
