using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Compares a source with what was scanned of it.</summary>
internal static class ScannedSource
{
    /// <summary>Whether a source still has exactly the files that were scanned.</summary>
    public static async Task<bool> IsUnchangedAsync(
        ISource source, Func<SourcePart, Task<IReadOnlyList<NumberedFile>>> scannedFiles, CancellationToken ct)
    {
        foreach (var part in Enum.GetValues<SourcePart>())
        {
            using var scanned = (await scannedFiles(part)).GetEnumerator();
            await foreach (var file in source.ListAsync(part, ct))
            {
                if (!scanned.MoveNext() || !IsSame(scanned.Current.File, file))
                {
                    return false;
                }
            }

            if (scanned.MoveNext())
            {
                return false;
            }
        }

        return true;
    }

    // The database keeps times to the microsecond.
    private static bool IsSame(SourceFile scanned, SourceFile now) =>
        scanned.Name == now.Name && scanned.Bytes == now.Bytes && scanned.Tag == now.Tag
        && (scanned.Modified - now.Modified).Duration() < TimeSpan.FromMilliseconds(1);
}
