using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Commands on runs. What they may do is decided in the database, so that any number may ask at once.</summary>
internal sealed class RunService(
    IStore store, RunLedger ledger, RunQueries queries, ActiveRuns runs, RunQueue queue, RunDecisions decisions, RunRequests requests,
    IEnumerable<IRunDefinition> definitions, TimeProvider clock) : IRuns, IRunStarts
{
    private const int LongestWhy = 1000;

    public async Task<RunView> StartAsync(
        string warehouse, RunKind kind, Actor actor, CancellationToken ct, RunKind? then = null, string? key = null, long? star = null,
        LoadMode? mode = null, string? snapshot = null)
    {
        if (snapshot is not null && kind != RunKind.Provision)
        {
            throw SparkifyException.Invalid($"Only a provisioning begins from a snapshot; a {kind.Word()} has none.");
        }

        RunChoice asked = new(star, mode, snapshot);
        var request = RunRequest.Of(key, actor, warehouse, kind, then, asked);
        if (await AskedBeforeAsync(request, ct) is { } before)
        {
            return before;
        }

        try
        {
            return await StartNewAsync(warehouse, kind, actor, then, asked, request is null ? null : requests.Claim(request), ct)
                ?? throw SparkifyException.Conflict($"The request '{request!.Key}' was answered meanwhile. Ask again.");
        }
        catch (SparkifyException)
        {
            // What stands in the way may be the run that the same request, asked at the same time, has started.
            if (await AskedBeforeAsync(request, ct) is { } first)
            {
                return first;
            }

            throw;
        }
    }

    private async Task<RunView?> AskedBeforeAsync(RunRequest? request, CancellationToken ct) =>
        request is not null && await requests.FindAsync(request, ct) is { } run ? await GetAsync(run, ct) : null;

    public Task<RunView?> StartAsync(string warehouse, RunKind kind, Actor actor, IRunClaim claim, CancellationToken ct) =>
        StartNewAsync(warehouse, kind, actor, then: null, RunChoice.None, claim, ct);

    // None when the claim is taken.
    private async Task<RunView?> StartNewAsync(
        string warehouse, RunKind kind, Actor actor, RunKind? then, RunChoice asked, IRunClaim? claim, CancellationToken ct)
    {
        var definition = definitions.For(kind);
        var steps = await definition.StepsAsync(warehouse, starting: true, ct);
        var chosen = await definition.ChooseAsync(warehouse, asked, ct);
        if (then is { } next)
        {
            await definitions.For(next).RefuseAsync(warehouse, ct); // now, not when this run has succeeded
        }

        try
        {
            return await store.InTransactionAsync(async db =>
            {
                if (claim is not null && !await claim.TakeAsync(db, ct))
                {
                    return null;
                }

                var run = await queue.AddAsync(db, new NewRun(warehouse, kind, then, chosen, actor.Name), steps, ct);
                if (claim is not null)
                {
                    await claim.StartedAsync(db, run, ct);
                }

                return await queue.EnqueueAsync(db, run, RunLogLevel.Info, $"Queued by {actor.Name}.", ct);
            }, ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw await ActiveAsync(warehouse, ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw SparkifyException.NotFound($"There is no warehouse named '{warehouse}' any more.");
        }
    }

    public async Task<RunView> CancelAsync(long run, Actor actor, CancellationToken ct)
    {
        // The wish is recorded first: should the process die now, whoever takes the run up again sees it.
        if (!await ledger.AskToCancelAsync(run, actor.Name, ct))
        {
            var ended = await GetAsync(run, ct);
            if (ended.State == RunState.NeedsDecision)
            {
                return await DiscardAsync(run, why: null, actor, ct);
            }

            throw SparkifyException.Conflict($"Run {run} has ended already ({ended.State.Word()}); there is nothing to cancel.");
        }

        if (runs.Find(run) is { } active)
        {
            await active.CancelAsync(actor.Name);
            return active.View;
        }

        RunLogLine? line = null;
        var view = await store.InTransactionAsync(async db =>
        {
            if (await RunLedger.CancelQueuedAsync(db, run, clock.GetUtcNow(), runs.NextRevision(), ct))
            {
                line = await queue.LogAsync(db, run, RunLogLevel.Warning, $"Cancelled by {actor.Name} before it began.", ct);
            }
            else if (await RunQueries.IsWaitingAsync(db, run, ct))
            {
                // It holds no worker: one takes it up to end it.
                return await queue.EnqueueAsync(db, run, RunLogLevel.Warning, $"Cancel asked for by {actor.Name}.", ct);
            }

            return await RunQueries.FindAsync(db, run, ct) ?? throw SparkifyException.NotFound($"There is no run {run}.");
        }, ct);
        if (line is not null)
        {
            runs.Lines.Publish(line);
        }

        runs.Show(view);
        return view;
    }

    public async Task<RunView> RetryAsync(long run, Actor actor, CancellationToken ct)
    {
        var view = await GetAsync(run, ct);
        if (view.State is not (RunState.Failed or RunState.Cancelled))
        {
            throw SparkifyException.Conflict(
                view.State == RunState.NeedsDecision
                    ? $"Run {run} needs a decision: publish it anyway, or discard it."
                    : $"Run {run} is {view.State.Word()}; only a failed or cancelled run can be retried.", view.Active ? run : null);
        }

        // Refuses with a sentence when the warehouse is no longer what it was, and gives the steps of this version of the application.
        var steps = await definitions.For(view.Kind).StepsAsync(view.Warehouse, starting: true, ct);
        try
        {
            return await store.InTransactionAsync(async db =>
            {
                await queue.PassAgainAsync(db, view, ct);
                if (!await RunLedger.ReopenAsync(db, run, runs.NextRevision(), ct))
                {
                    throw SparkifyException.Conflict(
                        $"Run {run} is not the latest run of '{view.Warehouse}' any more, so what it made may be gone. Start a new {view.Kind.Word()} instead.");
                }

                await RunLedger.SaveStepsAsync(run, Reopen(view, steps), db, ct);
                return await queue.EnqueueAsync(db, run, RunLogLevel.Info, $"Retry asked for by {actor.Name}.", ct);
            }, ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw await ActiveAsync(view.Warehouse, ct);
        }
    }

    public async Task<RunView> PublishAsync(long run, string? why, Actor actor, CancellationToken ct)
    {
        var view = await AskingAsync(run, ct);
        // Refuses with a sentence when the warehouse is not what it was.
        await definitions.For(view.Kind).StepsAsync(view.Warehouse, starting: true, ct);
        try
        {
            return await store.InTransactionAsync(async db =>
            {
                await queue.PassAgainAsync(db, view, ct);
                await AnswerAsync(db, run, RunAnswer.Publish, why, actor, ct);
                return await queue.EnqueueAsync(
                    db, run, RunLogLevel.Warning, $"To be published anyway, said {actor.Name}.{Because(why)}", ct);
            }, ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw await ActiveAsync(view.Warehouse, ct);
        }
    }

    public async Task<RunView> DiscardAsync(long run, string? why, Actor actor, CancellationToken ct)
    {
        await AskingAsync(run, ct);
        await store.InTransactionAsync(async db =>
        {
            await AnswerAsync(db, run, RunAnswer.Discard, why, actor, ct);
            await decisions.DiscardedAsync(
                db, run, $"Discarded by {actor.Name}; readers keep the star of before.{Because(why)}", ct);
            return true;
        }, ct);
        return await GetAsync(run, ct);
    }

    public async Task<RunView?> FindAsync(long run, CancellationToken ct) =>
        await queries.FindAsync(run, ct) is { } view ? runs.Freshest(view) : null;

    public async Task<Page<RunView>> HistoryAsync(RunFilter filter, CancellationToken ct)
    {
        var page = await queries.HistoryAsync(filter, ct);
        return page with { Items = [.. page.Items.Select(runs.Freshest)] };
    }

    public Task<RunTally> TallyAsync(RunFilter filter, CancellationToken ct) => queries.TallyAsync(filter, ct);

    public async Task<IReadOnlyList<RunView>> OfKindsAsync(string warehouse, IReadOnlyList<RunKind> kinds, CancellationToken ct) =>
        [.. (await queries.OfKindsAsync(warehouse, kinds, ct)).Select(runs.Freshest)];

    public async Task<IReadOnlyList<RunView>> LatestAsync(CancellationToken ct) =>
        [.. (await queries.LatestAsync(ct)).Select(runs.Freshest)];

    public Task<IReadOnlyList<StepAttempt>> AttemptsAsync(long run, CancellationToken ct) => queries.AttemptsAsync(run, ct);

    public Task<IReadOnlyList<RunLogLine>> LogAsync(long run, int after, int most, CancellationToken ct) =>
        queries.LogAsync(run, after, most, ct);

    public IAsyncEnumerable<RunLogLine> WholeLogAsync(long run, CancellationToken ct) => queries.WholeLogAsync(run, ct);

    public Subscription<RunView> Subscribe(long? run = null) => runs.Views.Subscribe(run is { } id ? view => view.Id == id : null);

    public Subscription<RunLogLine> SubscribeToLog(long run) => runs.Lines.Subscribe(line => line.Run == run, capacity: 5000);

    // A step that did not come to its end gets a new attempt; one that never began keeps its row.
    private static IEnumerable<(int Ordinal, StepView Step)> Reopen(RunView view, IReadOnlyList<RunStep> steps) => steps
        .Select((step, i) => (Ordinal: i, Step: step, Before: i < view.Steps.Count ? view.Steps[i] : null))
        .Where(s => s.Before is not { State: StepState.Succeeded })
        .Select(s => (s.Ordinal, RunQueue.Pending(
            s.Step.Name, s.Step.Title, s.Before is { StartedAt: not null } before ? before.Attempt + 1 : s.Before?.Attempt ?? 1)));

    private async Task<RunView> AskingAsync(long run, CancellationToken ct) =>
        await GetAsync(run, ct) is var view && view.State == RunState.NeedsDecision ? view : throw AsksNothing(view);

    private async Task AnswerAsync(NpgsqlConnection db, long run, RunAnswer answer, string? why, Actor actor, CancellationToken ct)
    {
        if (why is { Length: > LongestWhy })
        {
            throw SparkifyException.Invalid($"The reason has {why.Length:N0} characters; at most {LongestWhy:N0} are kept. Shorten it.");
        }

        var kept = string.IsNullOrWhiteSpace(why) ? null : why.Trim();
        if (!await RunLedger.AnswerAsync(db, run, answer, actor.Name, kept, clock.GetUtcNow(), runs.NextRevision(), ct))
        {
            // Somebody else was quicker.
            throw AsksNothing(await RunQueries.FindAsync(db, run, ct) ?? throw SparkifyException.NotFound($"There is no run {run}."));
        }
    }

    private static string Because(string? why) => string.IsNullOrWhiteSpace(why) ? "" : $" Why: {why.Trim()}";

    private static SparkifyException AsksNothing(RunView run) => SparkifyException.Conflict(run.Decision switch
    {
        { Answer: RunAnswer.Publish, By: var by } => $"{by} has had run {run.Id} published already; there is nothing left to decide.",
        { Answer: RunAnswer.Discard } => $"Run {run.Id} was discarded already; there is nothing left to decide. Load again for a new star.",
        _ => $"Run {run.Id} asks for no decision: it is {run.State.Word()}.",
    }, run.Active ? run.Id : null);

    private async Task<RunView> GetAsync(long run, CancellationToken ct) => await FindAsync(run, ct)
        ?? throw SparkifyException.NotFound($"There is no run {run}.");

    private async Task<SparkifyException> ActiveAsync(string warehouse, CancellationToken ct) =>
        await queries.ActiveAsync(warehouse, ct) is { } there
        ? SparkifyException.Conflict(
            $"The warehouse '{warehouse}' already has a run at work: {there.Kind.Word()} {there.Id}. Wait for it, or cancel it.", there.Id)
        : SparkifyException.Unavailable($"The warehouse '{warehouse}' had a run at work when this one was asked for. Try again.");
}
