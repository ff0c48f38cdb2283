using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>Asks every named check; one that fails ends the load before anything is published.</summary>
/// <param name="queries">What is asked.</param>
/// <param name="records">Where the answers are kept.</param>
/// <param name="local">Whether it is a server of ours, with tables to be made durable and sessions to be set up.</param>
internal sealed class ChecksStep(IReadOnlyList<StarQuery> queries, LoadRecords records, bool local) : ILoadStep
{
    public string Name => "checks";

    public string Title => "Check the star";

    public int Connections => 2;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var asking = AskAsync(load, ct);
        // Meanwhile the staging tables are made to last: the checks read the star first, so both go on at once.
        await Task.WhenAll(asking, local ? MakeDurableAsync(load, ct) : Task.CompletedTask);
        var results = await asking;
        await records.SetChecksAsync(load.Step.Run, results, ct);
        var failed = results.Where(r => !r.Passed).ToList();
        foreach (var result in failed)
        {
            load.Step.Warn($"{result.Name}: {result.Question} {(result.Found > 0 ? $"Found {result.Found:N0}." : "There was no answer: a table it reads has lost its rows.")}");
        }

        if (failed.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"{failed.Count} of {results.Count} checks failed ({string.Join(", ", failed.Select(f => f.Name))}), so nothing was published: " +
                "readers still see the star of before. Look at the checks, mend the source, and load again.");
        }
    }

    // A transaction for each, so that none keeps a table locked for longer than it reads it.
    private async Task<List<CheckResult>> AskAsync(LoadContext load, CancellationToken ct)
    {
        List<CheckResult> results = [];
        await using var db = await load.Database.OpenConnectionAsync(ct);
        if (local)
        {
            await LoadTables.EnsureHoldsAsync(db, load.Step.Run, ct);
        }

        foreach (var query in queries)
        {
            await using var transaction = local ? await LoadSession.BeginAsync(db, ct) : null;
            var found = await query.AskAsync(db, Schemas.Build, ct);
            results.AddRange(query.Checks.Select((check, i) => new CheckResult(check.Name, check.Question, found?[i] == 0, found?[i] ?? 0)));
            load.Step.Progress.Message = $"{results.Count(r => r.Passed)} of {queries.Sum(q => q.Checks.Count)} checks passed";
        }

        return results;
    }

    // Staging tables are unlogged while they are filled; what is published must outlive a crash of the server.
    private static async Task MakeDurableAsync(LoadContext load, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        var unlogged = await db.QueryAsync<string>(new CommandDefinition(
            $"select relname from pg_class where relnamespace = '{Schemas.Build}'::regnamespace and relkind = 'r' and relpersistence = 'u' and relname like 'staging%'",
            cancellationToken: ct));
        foreach (var table in unlogged)
        {
            await db.ExecuteAsync(new CommandDefinition(
                $"alter table {Schemas.Build}.\"{table}\" set logged", commandTimeout: 0, cancellationToken: ct));
        }
    }
}
