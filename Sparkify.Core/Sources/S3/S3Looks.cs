using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources.S3;

/// <summary>
/// Objects of a listing on their way through, in their order. Of those whose names have no ending the first bytes are asked for meanwhile:
/// one GET each of half a kilobyte ($0.0004 for a thousand), a few at a time. Objects with an ending pass through untouched.
/// </summary>
internal sealed class S3Looks(IS3Client s3, string bucket, string what, CancellationToken ct) : IAsyncDisposable
{
    private const int AtOnce = 16;

    // What comes behind a look has to wait for it, and so much of a listing is kept.
    private const int MostWaiting = 1000;

    private readonly Queue<(S3Item Item, Task<LeftOutReason?>? Look)> _waiting = new();
    private int _looks;

    /// <summary>Takes in the next object.</summary>
    public void Add(S3Item item, bool mustLook)
    {
        var look = mustLook ? LookAsync(item) : null;
        _looks += look is null ? 0 : 1;
        _waiting.Enqueue((item, look));
    }

    /// <summary>Whether the first one should be taken now, because it is ready or too many wait behind it.</summary>
    public bool MustBeTaken(bool atEnd) => _waiting.TryPeek(out var first)
        && (atEnd || first.Look is null or { IsCompleted: true } || _looks == AtOnce || _waiting.Count == MostWaiting);

    /// <summary>The first one, and why it is left out; no reason when it holds records, as far as is known.</summary>
    public async Task<(S3Item Item, LeftOutReason? Reason)> TakeAsync()
    {
        var (item, look) = _waiting.Dequeue();
        if (look is null)
        {
            return (item, null);
        }

        _looks--;
        return (item, await look);
    }

    /// <summary>Waits for what is still under way, when the listing is given up early.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, look) in _waiting)
        {
            await ((Task?)look ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<LeftOutReason?> LookAsync(S3Item item)
    {
        if (item.Size == 0)
        {
            return LeftOutReason.Empty;
        }

        try
        {
            var begin = await S3Problems.TranslateErrorsAsync($"{what} object", new S3Path(bucket, item.Key), () =>
                s3.BeginAsync(bucket, item.Key, FileForm.Telling, item.ETag, ct));
            return FileForm.IsData(begin) ? null : LeftOutReason.Unrecognised;
        }
        catch (SparkifyException e) when (e.Kind is not ProblemKind.Unavailable)
        {
            return LeftOutReason.Unreadable; // nobody called it data, so it keeps nobody from reading the rest
        }
    }
}
