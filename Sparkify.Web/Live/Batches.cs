using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Sparkify.Web.Live;

/// <summary>Gathers what a feed brings, so that a page renders a few times a second and not once per change.</summary>
internal static class Batches
{
    private const int Most = 5_000;

    /// <summary>The first change at once, then at most one batch per pause with everything that came since.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<T>> InBatches<T>(
        this ChannelReader<T> reader, TimeSpan pause, TimeProvider clock, [EnumeratorCancellation] CancellationToken ct)
    {
        while (await reader.WaitToReadAsync(ct).ConfigureAwait(false))
        {
            List<T> batch = [];
            while (batch.Count < Most && reader.TryRead(out var item))
            {
                batch.Add(item);
            }

            if (batch.Count > 0)
            {
                yield return batch;
            }

            await Task.Delay(pause, clock, ct).ConfigureAwait(false);
        }
    }
}
