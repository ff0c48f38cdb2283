using System.Globalization;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>A file that has bad records and not one good one: all of it is lost, however few records that are.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rejects">How many bad records it has.</param>
/// <param name="Line">The line of the first one.</param>
/// <param name="Reason">Why the first one could not be staged.</param>
internal sealed record FailedFile(string Name, long Rejects, long Line, string Reason);

/// <summary>What is said and done about files that are lost as a whole.</summary>
internal static class FailedFiles
{
    private const int Named = 3;

    /// <summary>Writes it to the run's log, where it counts as something about the data that a person should look at.</summary>
    public static void Tell(StepContext step, SourcePart part, IReadOnlyList<FailedFile> failed)
    {
        if (failed.Count > 0)
        {
            step.Progress.Message = $"{Count(failed.Count)} without one good record";
            step.WarnOfData($"{Count(failed.Count)} of the {part.Word()} {Have(failed.Count)} not one good record: {Names(failed)}.");
        }
    }

    /// <summary>
    /// The sentence a load fails with when so many files are lost that it cannot be what anybody wants, or when they are all there is.
    /// </summary>
    /// <param name="part">The part.</param>
    /// <param name="failed">The files.</param>
    /// <param name="staged">How many records of the part are good.</param>
    /// <param name="limit">At how many such files a load fails.</param>
    /// <param name="adds">Whether the load adds to a star, so that what it reads is not all there is.</param>
    public static SparkifyException? Problem(
        SourcePart part, IReadOnlyList<FailedFile> failed, long staged, int limit, bool adds = false) =>
        failed.Count == 0 ? null
        : staged == 0 && !adds ? SparkifyException.Invalid(
            $"There is not one good record in the {part.Word()}: {Names(failed)}. Mend the source, then load again.")
        : failed.Count >= limit ? SparkifyException.Invalid(
            $"{Count(failed.Count)} of the {part.Word()} {Have(failed.Count)} not one good record, and a load fails at {limit:N0}: {Names(failed)}. " +
            "Mend them, take them out of the source, or raise the limit (Sparkify:Load:MaxBadFiles).")
        : null;

    private static string Count(int files) => string.Create(CultureInfo.InvariantCulture, $"{files:N0} file{(files == 1 ? "" : "s")}");

    private static string Have(int files) => files == 1 ? "has" : "have";

    private static string Names(IReadOnlyList<FailedFile> failed) => string.Join("; ", failed.Take(Named)
        .Select(static f => $"'{f.Name}' ({f.Rejects:N0} bad record{(f.Rejects == 1 ? "" : "s")}, line {f.Line:N0}: {f.Reason.TrimEnd('.')})")
        .Concat(failed.Count > Named ? [$"and {failed.Count - Named:N0} more"] : []));
}
