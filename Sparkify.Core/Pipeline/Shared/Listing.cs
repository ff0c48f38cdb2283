using System.Runtime.CompilerServices;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Lists a part for a run, which says what it finds and what it leaves out.</summary>
internal static class Listing
{
    /// <summary>Its files. Throws a sentence for one whose listing tells that it is damaged.</summary>
    public static async IAsyncEnumerable<SourceFile> FilesAsync(
        ISource source, SourcePart part, LeftOutTally leftOut, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var file in source.ListAsync(part, ct, leftOut))
        {
            // Even of nothing, gzip makes 20 bytes; an upload that was cut off looks like this.
            yield return file.Bytes > 0 || !WholeGzip.Is(file.Name) ? file : throw SparkifyException.Invalid(
                $"'{file.Name}' in {source.Location(part)} is empty, though a .gz file never is. Upload it again, or take it out of the source.");
        }
    }

    /// <summary>Writes to the run's log what was found and what is left out.</summary>
    public static void Tell(StepContext step, ISource source, SourcePart part, int files, long bytes, LeftOutTally leftOut)
    {
        step.Log($"{source.Location(part)}: {files:N0} {(source.IsRemote(part) ? "object" : "file")}{(files == 1 ? "" : "s")}, {bytes:N0} bytes.");
        if (leftOut.IsEmpty)
        {
            return;
        }

        var sentence = $"Left out of {source.Location(part)}: {leftOut}.";
        if (leftOut.MayBeMissed)
        {
            step.WarnOfData($"{sentence} A load reads files that end in {SourceNames.Endings}; and JSON or gzip without an ending.");
        }
        else
        {
            step.Log(sentence);
        }
    }
}
