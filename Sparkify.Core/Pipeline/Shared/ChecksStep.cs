using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Asks every named check; one that fails ends the load before anything is published.</summary>
/// <param name="queries">What is asked.</param>
/// <param name="records">Where the answers are kept.</param>
/// <param name="tables">What is published, to compare with.</param>
/// <param name="clock">Tells what lies in the future.</param>
internal sealed class ChecksStep(
    IReadOnlyList<StarQuery> queries, LoadRecords records, ITables tables, TimeProvider clock) : ILoadStep
{
    public string Name => CheckResult.Step;

    public string Title => "Check the star";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var results = await AskAsync(load, ct);
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
                query.Checks.Select((check, i) => new CheckResult(
                    check.Name, check.Question, found?[i] == 0 ? CheckOutcome.Passed : CheckOutcome.Failed, found?[i] ?? 0)));
            Tell();
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var known = new WhatIsKnown(now, await BeforeAsync(load.Warehouse, ct), load.Warehouse.DecisionLimits);
        foreach (var query in PlausibilityChecks.All)
        {
            var row = await RowAsync(db, query.Sql(load.Build, now), ct);
            results.AddRange(query.Checks.Select(check => Result(check.Check, check.Judge(row, known))));
            Tell();
        }

        results.AddRange(await new SpellingResults(db, load.Build, records.ComposedAsync).AskAsync(ct));
        Tell();
        return results;

        void Tell()
        {
            var all = queries.Sum(static q => q.Checks.Count) + PlausibilityChecks.All.Sum(static q => q.Checks.Count)
                + SpellingChecks.All.Count;
            var doubts = results.Count(static r => r.Outcome == CheckOutcome.Warning);
            var asks = results.Count(static r => r.Outcome == CheckOutcome.NeedsDecision);
            load.Step.Progress.Message =
                $"{results.Count(static r => r.Passed)} of {all} checks passed{(doubts == 0 ? "" : $", {doubts} with a warning")}" +
                (asks == 0 ? "" : $", {asks} {(asks == 1 ? "needs" : "need")} a decision");
        }
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
        check.Name, check.Question,
        finding.Found == 0 ? CheckOutcome.Passed : finding.Asks ? CheckOutcome.NeedsDecision : CheckOutcome.Warning,
        finding.Found, finding.Sentence);

    private static async Task<IReadOnlyList<object>> RowAsync(NpgsqlConnection db, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, db) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var row = new object[reader.FieldCount];
        reader.GetValues(row);
        return row;
    }
}
