using Sparkify.Core.Common;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Asks every named check; one that fails ends the load before anything is published.</summary>
/// <param name="queries">What is asked.</param>
/// <param name="records">Where the answers are kept.</param>
/// <param name="meanwhile">What can be done while the star is read; nothing, if none.</param>
internal sealed class ChecksStep(
    IReadOnlyList<StarQuery> queries, LoadRecords records, Func<LoadContext, CancellationToken, Task>? meanwhile = null)
    : ILoadStep
{
    public string Name => "checks";

    public string Title => "Check the star";

    public int Connections => 2;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var asking = AskAsync(load, ct);
        await Task.WhenAll(asking, meanwhile?.Invoke(load, ct) ?? Task.CompletedTask);
        var results = await asking;
        await records.SetChecksAsync(load.Step.Run, results, ct);
        var failed = results.Where(r => !r.Passed).ToList();
        foreach (var result in failed)
        {
            var found = result.Found > 0 ? $"Found {result.Found:N0}." : "There was no answer: a table it reads has lost its rows.";
            load.Step.Warn($"{result.Name}: {result.Question} {found}");
        }

        if (failed.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"{failed.Count} of {results.Count} checks failed ({string.Join(", ", failed.Select(f => f.Name))}), so nothing was published: " +
                "readers still see the star of before. Look at the checks, mend the source, and load again.");
        }
    }

    // Each by itself, so that none keeps a table locked for longer than it reads it.
    private async Task<List<CheckResult>> AskAsync(LoadContext load, CancellationToken ct)
    {
        List<CheckResult> results = [];
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
        foreach (var query in queries)
        {
            var found = await query.AskAsync(db, load.Build, ct);
            results.AddRange(
                query.Checks.Select((check, i) => new CheckResult(check.Name, check.Question, found?[i] == 0, found?[i] ?? 0)));
            load.Step.Progress.Message = $"{results.Count(r => r.Passed)} of {queries.Sum(q => q.Checks.Count)} checks passed";
        }

        return results;
    }
}
