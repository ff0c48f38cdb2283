using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
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

    public int Connections => 2;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        // The star's checks wait for the server, those of spelling mostly compute here.
        var tally = new Tally(load.Step.Progress, queries);
        var star = AskStarAsync(load, tally, ct);
        var spelling = AskSpellingAsync(load, tally, ct);
        await Task.WhenAll(star, spelling);
        IReadOnlyList<CheckResult> results = [.. await star, .. await spelling];
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
    private async Task<List<CheckResult>> AskStarAsync(LoadContext load, Tally tally, CancellationToken ct)
    {
        List<CheckResult> results = [];
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
        foreach (var query in queries)
        {
            var found = await query.AskAsync(db, load.Build, ct);
            results.AddRange(tally.Add(query.Checks.Select((check, i) => new CheckResult(
                check.Name, check.Question, found?[i] == 0 ? CheckOutcome.Passed : CheckOutcome.Failed, found?[i] ?? 0))));
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var known = new WhatIsKnown(now, await BeforeAsync(load.Warehouse, ct), load.Warehouse.DecisionLimits);
        foreach (var query in PlausibilityChecks.All)
        {
            var row = await RowAsync(db, query.Sql(load.Build, now), ct);
            results.AddRange(tally.Add(query.Checks.Select(check => Result(check.Check, check.Judge(row, known)))));
        }

        return results;
    }

    private async Task<IReadOnlyList<CheckResult>> AskSpellingAsync(LoadContext load, Tally tally, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
        return tally.Add(await new SpellingResults(db, load.Build, records.ComposedAsync).AskAsync(ct));
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

    /// <summary>How many checks there are and what came of those that were asked, for who watches.</summary>
    private sealed class Tally(StepProgress progress, IReadOnlyList<StarQuery> queries)
    {
        private readonly Lock _turn = new();
        private readonly List<CheckResult> _results = [];
        private readonly int _all =
            queries.Sum(static q => q.Checks.Count) + PlausibilityChecks.All.Sum(static q => q.Checks.Count) + SpellingChecks.All.Count;

        /// <summary>Counts more results, and gives them back.</summary>
        public IReadOnlyList<CheckResult> Add(IEnumerable<CheckResult> more)
        {
            IReadOnlyList<CheckResult> these = [.. more];
            lock (_turn)
            {
                _results.AddRange(these);
                var doubts = _results.Count(static r => r.Outcome == CheckOutcome.Warning);
                var asks = _results.Count(static r => r.Outcome == CheckOutcome.NeedsDecision);
                progress.Message =
                    $"{_results.Count(static r => r.Passed)} of {_all} checks passed{(doubts == 0 ? "" : $", {doubts} with a warning")}" +
                    (asks == 0 ? "" : $", {asks} {(asks == 1 ? "needs" : "need")} a decision");
            }

            return these;
        }
    }
}
