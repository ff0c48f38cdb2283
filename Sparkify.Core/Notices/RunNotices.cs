using Npgsql;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Notices;

/// <summary>Makes notices of what becomes of runs.</summary>
internal sealed class RunNotices(INoticeOutbox outbox, TimeProvider clock) : IRunWitness
{
    // The run's own page has the whole of it.
    private const int LongestError = 2000;

    public async Task SeenAsync(NpgsqlConnection db, RunView run, CancellationToken ct)
    {
        switch (run.State)
        {
            case RunState.Failed:
                // Of a chain that failed is told once, when it has ended what it began; of a part that is tried again after that, as ever.
                if (run.Chain is not { } chain || !await RunQueries.IsChainAtWorkAsync(db, chain, ct))
                {
                    await AddAsync(NoticeEvent.Failed, $"failed. {Cut(run.Error)}");
                }

                break;
            case RunState.NeedsDecision:
                await AddAsync(
                    NoticeEvent.NeedsDecision, $"needs a decision: publish it anyway, or discard it. {Cut(run.Decision?.Asks)}");
                break;
            case RunState.Succeeded:
                if (run.Rejects + run.Warnings > 0)
                {
                    await AddAsync(
                        NoticeEvent.Warnings,
                        $"succeeded with {Count(run.Rejects, "reject")} and {Count(run.Warnings, "warning")}.");
                }

                if (await RunQueries.RecoversAsync(db, run.Id, ct))
                {
                    await AddAsync(NoticeEvent.Recovered, "succeeded after a failure.");
                }

                break;
        }

        Task AddAsync(NoticeEvent what, string said) => outbox.AddAsync(
            db, new Notice(what, clock.GetUtcNow(), run.Warehouse, $"Run {run.Id}, {Named(run.Kind)} '{run.Warehouse}', {said}".TrimEnd())
            {
                Run = new NoticeRun(run.Id, run.Kind, run.State, run.Error is null ? null : Cut(run.Error)),
            }, ct);
    }

    private static string Named(RunKind kind) => kind switch
    {
        RunKind.Provision => "the provisioning of",
        RunKind.Load => "the load of",
        RunKind.Teardown => "the teardown of",
        RunKind.Pause => "the pause of",
        RunKind.Resume => "the resumption of",
        RunKind.Check => "the check of the files of",
        RunKind.PutBack => "the put-back of",
        RunKind.Export => "the saving of reports of",
        _ => throw new System.Diagnostics.UnreachableException($"No words for {kind}."),
    };

    private static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{number:N0} {what}s";

    private static string? Cut(string? text) => text is { Length: > LongestError } ? $"{text[..LongestError]}…" : text;
}
