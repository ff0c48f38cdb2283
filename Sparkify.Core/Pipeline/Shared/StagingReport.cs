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

        Rejects(step, result.Rejected, result.FileRejects);
        FailedFiles.Tell(step, part, result.Failed);
    }

    /// <summary>Writes how many rejects there are.</summary>
    /// <param name="step">The step that met them.</param>
    /// <param name="records">How many are bad records.</param>
    /// <param name="files">How many are about a file.</param>
    public static void Rejects(StepContext step, long records, long files)
    {
        if (records > 0)
        {
            step.Warn($"{records:N0} records were rejected; the rejects page shows each with its reason.");
        }

        if (files > 0)
        {
            step.WarnOfData(
                $"{files:N0} file{(files == 1 ? " is a JSON array" : "s are JSON arrays")} where objects one after another are expected; " +
                "the rejects page names each and says what became of it.");
        }
    }
}
