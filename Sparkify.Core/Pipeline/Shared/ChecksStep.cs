using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Asks every named check; one that fails ends the load before anything is published.</summary>
/// <param name="keysAreEnforced">Whether the server enforces primary keys.</param>
/// <param name="records">Where the answers are kept.</param>
/// <param name="tables">What is published, to compare with.</param>
/// <param name="clock">Tells what lies in the future.</param>
internal sealed class ChecksStep(bool keysAreEnforced, LoadRecords records, ITables tables, TimeProvider clock) : ILoadStep
{
    public string Name => CheckResult.Step;

    public string Title => "Check the star";

    public int Connections => 2;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        // Counting waits for the server; names are mostly compared here.
        var names = CompareNamesAsync(load, ct);
        var counting = CountAsync(load, ct);
        await Task.WhenAll(names, counting);
        var figures = await counting;
        IReadOnlyList<CheckResult> results =
            [.. await JudgeAsync(load, figures, ct), .. await names, .. await LookAtWordsAsync(load, figures, ct)];
        load.Step.Progress.Message = Summary(results);
        await records.SetChecksAsync(load.Step.Run, results, ct);
        foreach (var doubt in results.Where(static r => r.Outcome is CheckOutcome.Warning or CheckOutcome.NeedsDecision))
        {
            load.Step.WarnOfData($"{doubt.Name}: {doubt.Detail}");
        }

        var failed = results.Where(static r => r.Outcome == CheckOutcome.Failed).ToList();
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

    // Each query by itself, so that none keeps a table locked for longer than it reads it.
    private async Task<StarFigures> CountAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
        StarFigures figures = new();
        var now = clock.GetUtcNow().UtcDateTime;
        var queries = (load.AddsRows
            ? DeltaPasses.All(load.Build, load.Published, now) : StarPasses.All(load.Build, now, keysAreEnforced)).ToList();
        foreach (var (at, query) in queries.Index())
        {
            load.Step.Progress.Message = $"Counting the star: {at} of {queries.Count} passes";
            await figures.AddAsync(db, query, ct);
        }

        return figures;
    }

    private async Task<IReadOnlyList<CheckResult>> JudgeAsync(LoadContext load, StarFigures figures, CancellationToken ct)
    {
        var known = new WhatIsKnown(
            clock.GetUtcNow().UtcDateTime, await BeforeAsync(load.Warehouse, ct), load.Warehouse.DecisionLimits, load.AddsRows);
        return [.. StarChecks.All.Concat(PlausibilityChecks.All).Select(c => Result(c.Check, c.Judge(figures, known)))];
    }

    private async Task<IReadOnlyList<CheckResult>> CompareNamesAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
        await using var views = await db.BeginTransactionAsync(ct);
        return await new SpellingResults(db, await ToCompareAsync(db, load, ct), records.ComposedAsync).OfNamesAsync(ct);
    }

    private async Task<IReadOnlyList<CheckResult>> LookAtWordsAsync(LoadContext load, StarFigures figures, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await using var views = await db.BeginTransactionAsync(ct);
        return await new SpellingResults(db, await ToCompareAsync(db, load, ct), records.ComposedAsync).OfWordsAsync(figures, ct);
    }

    // Where spellings are compared: of what is added, with all that it is added to. The views end with the transaction.
    private static async Task<string> ToCompareAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        if (!load.AddsRows)
        {
            return load.Build;
        }

        await db.RunAsync(DeltaPasses.Views(load.Build, load.Published), ct);
        return DeltaPasses.ViewSchema;
    }

    // A first load has nothing to compare with.
    private async Task<StarSizes?> BeforeAsync(Warehouse warehouse, CancellationToken ct)
    {
        if (await tables.PlaysAsync(warehouse.Name, ct) is not { } plays)
        {
            return null;
        }

        var rows = (await tables.ListAsync(warehouse.Name, ct))
            .ToDictionary(static t => t.Table, static t => t.Rows ?? 0, StringComparer.Ordinal);
        return new StarSizes(plays.Plays, plays.MatchedPlays, rows["songs"], rows["users"], plays.Days);
    }

    private static CheckResult Result(StarCheck check, Finding finding) => new(
        check.Name, check.Question, finding.Verdict switch
        {
            Verdict.Sound => CheckOutcome.Passed,
            Verdict.Doubtful => CheckOutcome.Warning,
            Verdict.Unlikely => CheckOutcome.NeedsDecision,
            _ => CheckOutcome.Failed,
        }, finding.Found, finding.Sentence);

    private static string Summary(IReadOnlyList<CheckResult> results)
    {
        var doubts = results.Count(static r => r.Outcome == CheckOutcome.Warning);
        var asks = results.Count(static r => r.Outcome == CheckOutcome.NeedsDecision);
        return $"{results.Count(static r => r.Passed)} of {results.Count} checks passed{(doubts == 0 ? "" : $", {doubts} with a warning")}" +
            (asks == 0 ? "" : $", {asks} {(asks == 1 ? "needs" : "need")} a decision");
    }
}
