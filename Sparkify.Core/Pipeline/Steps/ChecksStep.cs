using Sparkify.Core.Common;
using Sparkify.Core.Quality;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>Asks every named check; one that fails ends the load before anything is published.</summary>
internal sealed class ChecksStep(LoadRecords records) : ILoadStep
{
    public string Name => "checks";

    public string Title => "Check the star";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        List<CheckResult> results = [];
        await using var db = await load.Database.OpenConnectionAsync(ct);
        foreach (var check in StarChecks.All)
        {
            var found = await check.AskAsync(db, Schemas.Build, ct);
            results.Add(new CheckResult(check.Name, check.Question, found == 0, found));
            load.Step.Progress.Message = $"{results.Count(r => r.Passed)} of {StarChecks.All.Count} checks passed";
        }

        await records.SetChecksAsync(load.Step.Run, results, ct);
        var failed = results.Where(r => !r.Passed).ToList();
        foreach (var result in failed)
        {
            load.Step.Warn($"{result.Name}: {result.Question} Found {result.Found:N0}.");
        }

        if (failed.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"{failed.Count} of {results.Count} checks failed ({string.Join(", ", failed.Select(f => f.Name))}), so nothing was published: " +
                "readers still see the star of before. Look at the checks, mend the source, and load again.");
        }
    }
}
