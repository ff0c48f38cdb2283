using System.Runtime.CompilerServices;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>
/// Lists both parts of a source for a load, keeps the books on it, and then does the test that is done when a source is created: what was
/// fine then may have been exchanged, emptied or locked since. The test looks into the first files met; nothing is listed twice.
/// </summary>
internal sealed class ScanListing(ISource source, StepContext step, LoadRecords records)
{
    private readonly Dictionary<SourcePart, SourceLook> _looks = [];

    /// <summary>How many files are left out.</summary>
    public long LeftOut => _looks.Values.Sum(static look => look.LeftOut.Found.Sum(static one => one.Count));

    /// <summary>Lists a part into whatever takes its files; gives how many and how large.</summary>
    public async Task<(int Files, long Bytes)> AddAsync(
        SourcePart part, Func<IAsyncEnumerable<SourceFile>, Action<long>, Task<(int Files, long Bytes)>> write, CancellationToken ct)
    {
        var look = _looks[part] = new SourceLook();
        var found = await write(FilesAsync(part, look, ct), bytes =>
        {
            step.Progress.AddFiles(1);
            step.Progress.AddBytes(bytes);
        });
        Listing.Tell(step, source, part, found.Files, found.Bytes, look.LeftOut);
        await records.SetListedAsync(step.Run, part, found.Files, look.LeftOut, ct);
        return found;
    }

    /// <summary>Tests what was listed; throws the sentences that creating such a source is refused with.</summary>
    /// <param name="onRedshift">Whether a cluster is to read it.</param>
    /// <param name="ct">Ends it early.</param>
    public async Task TestAsync(bool onRedshift, CancellationToken ct)
    {
        var report = await SourceTest.ListedAsync(source, _looks[SourcePart.Events], _looks[SourcePart.Songs], ct);
        foreach (var part in (SourcePartReport[])[report.Events, report.Songs])
        {
            foreach (var remark in part.RemarksFor(onRedshift))
            {
                step.Warn(remark);
            }
        }

        if (!report.Good)
        {
            throw SparkifyException.Invalid(string.Join(" ", report.Problems));
        }
    }

    private async IAsyncEnumerable<SourceFile> FilesAsync(
        SourcePart part, SourceLook look, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var file in Listing.FilesAsync(source, part, look.LeftOut, ct))
        {
            look.Add(file);
            yield return file;
        }
    }
}
