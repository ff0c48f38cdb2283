using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// Which files had a good record, and which had bad ones. Told once for each stretch of a file, by any worker. A job's files are numbered
/// one after another.
/// </summary>
internal sealed class FileOutcomes(IReadOnlyList<NumberedFile> files)
{
    // Only ever set, so that no two workers can be at odds.
    private readonly bool[] _good = new bool[files.Count];
    private readonly SortedDictionary<int, (long Count, StagingReject First)> _bad = [];

    /// <summary>Files with at least one bad record and not one good one, in order.</summary>
    public IReadOnlyList<FailedFile> Failed =>
    [
        .. _bad.Where(b => !_good[b.Key])
            .Select(static b => new FailedFile(b.Value.First.File, b.Value.Count, b.Value.First.Line, b.Value.First.Reason)),
    ];

    /// <summary>Tells what a stretch of a file had: of the rejects, those from one place to another.</summary>
    public void Add(NumberedFile file, bool good, IReadOnlyList<StagingReject> rejects, int from, int to)
    {
        var at = file.Id - files[0].Id;
        if (good)
        {
            _good[at] = true;
        }

        if (from == to)
        {
            return;
        }

        lock (_bad)
        {
            var first = rejects[from];
            var (count, earlier) = _bad.GetValueOrDefault(at, (0, first));
            _bad[at] = (count + to - from, earlier.Offset <= first.Offset ? earlier : first);
        }
    }
}
