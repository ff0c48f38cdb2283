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
        await using (await LoadSession.BeginAsync(db, ct))
        {
            foreach (var query in StarChecks.All)
            {
                var found = await query.AskAsync(db, Schemas.Build, ct);
                results.AddRange(query.Checks.Zip(found, (check, count) => new CheckResult(check.Name, check.Question, count == 0, count)));
                load.Step.Progress.Message = $"{results.Count(r => r.Passed)} of {StarChecks.All.Sum(q => q.Checks.Count)} checks passed";
            }
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
