using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>What came of a part's records, in words.</summary>
internal static class StagingReport
{
    /// <summary>Writes it to the run's log.</summary>
    public static void Write(StepContext step, SourcePart part, StagingResult result)
    {
        step.Log($"Read {result.Read:N0} records: staged {result.Staged:N0}, rejected {result.Rejected:N0}.");
        foreach (var (key, count) in result.UnknownKeys.OrderByDescending(k => k.Value))
        {
            step.WarnOfData($"The key '{key}' of {count:N0} records is not a column of {RecordRules.TableOf(part).Name}: ignored.");
        }

        foreach (var (key, count) in result.MissingKeys.OrderByDescending(k => k.Value))
        {
            step.WarnOfData($"{count:N0} records have no key '{key}': loaded as NULL.");
        }

        if (result.Rejected > 0)
        {
            step.Warn($"{result.Rejected:N0} records were rejected; the rejects page shows each with its reason.");
        }
    }
}
