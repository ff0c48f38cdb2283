using System.Collections.Immutable;
using System.Threading.Channels;

namespace Sparkify.Core.Common;

/// <summary>What a subscriber of a live feed holds; disposing it leaves the feed.</summary>
/// <param name="reader">Everything published since subscribing, in order.</param>
/// <param name="leave">Takes the subscriber off the feed.</param>
public sealed class Subscription<T>(ChannelReader<T> reader, Action leave) : IDisposable
{
    private Action? _leave = leave;

    /// <summary>Everything published since subscribing, in order.</summary>
    public ChannelReader<T> Reader { get; } = reader;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}

/// <summary>
/// Hands every published item to every subscriber of the moment. Subscribe first and read the present state
/// afterwards: then nothing falls between the two, and an item that is in both is only seen twice.
/// </summary>
internal sealed class Feed<T>
{
    private ImmutableList<Inbox> _inboxes = [];

    /// <summary>How many listen just now.</summary>
    public int Subscribers => _inboxes.Count;

    /// <summary>Joins the feed. <paramref name="capacity"/> bounds what may wait unread (the oldest go first); none for no bound.</summary>
    public Subscription<T> Subscribe(Func<T, bool>? wanted = null, int? capacity = null)
    {
        // State must never be dropped (a lost "failed" is a lie on screen); log lines may be, they can be read again.
        var channel = capacity is { } most
            ? Channel.CreateBounded<T>(
                new BoundedChannelOptions(most) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true })
            : Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });
        var inbox = new Inbox(channel.Writer, wanted);
        ImmutableInterlocked.Update(ref _inboxes, static (all, one) => all.Add(one), inbox);
        return new Subscription<T>(channel.Reader, () =>
        {
            ImmutableInterlocked.Update(ref _inboxes, static (all, one) => all.Remove(one), inbox);
            inbox.Writer.TryComplete();
        });
    }

    /// <summary>Hands one item to everyone who wants it; never waits.</summary>
    public void Publish(T item)
    {
        foreach (var inbox in _inboxes)
        {
            if (inbox.Wanted is null || inbox.Wanted(item))
            {
                inbox.Writer.TryWrite(item);
            }
        }
    }

    private sealed record Inbox(ChannelWriter<T> Writer, Func<T, bool>? Wanted);
}
