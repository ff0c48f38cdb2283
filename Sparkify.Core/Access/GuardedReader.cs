using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Sparkify.Core.Common;

namespace Sparkify.Core.Access;

/// <summary>A feed for one who may see some of it: each time they wait for more it is asked whether they still may.</summary>
internal sealed class GuardedReader<T>(ChannelReader<T> feed, GuardedCall call) : ChannelReader<T>
{
    // Nothing is handed out before the first question was answered.
    private bool _asked;

    public override Task Completion => feed.Completion;

    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        while (_asked && feed.TryRead(out item))
        {
            if (call.Shows(item))
            {
                return true;
            }
        }

        item = default;
        return false;
    }

    public override async ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await call.CheckAsync();
        }
        catch (Exception ex) when (DatabaseFaults.Refusal(ex) is not null)
        {
            throw DatabaseFaults.Refusal(ex)!;
        }

        _asked = true;
        return await feed.WaitToReadAsync(cancellationToken);
    }
}
