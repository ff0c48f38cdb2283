using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>A request for a run by the name its caller gave it.</summary>
internal sealed record RunRequest(string Actor, string Key, string Warehouse, RunKind Kind, RunKind? Then, RunChoice Choice)
{
    private const int LongestKey = 255;

    /// <summary>A request, unless its caller gave it no name; throws a sentence when that is none.</summary>
    public static RunRequest? Of(string? key, Actor actor, string warehouse, RunKind kind, RunKind? then, RunChoice choice) =>
        key is null ? null
        : key.Length is > 0 and <= LongestKey && key.All(static c => c is > ' ' and < '\x7F')
            ? new RunRequest(actor.Name, key, warehouse, kind, then, choice)
            : throw SparkifyException.Invalid(
                $"The key of a request is 1 to {LongestKey} letters, digits and signs of ASCII without blanks, such as a UUID.");
}

/// <summary>
/// Requests for runs that have a name: asked again, after an answer that was lost or twice at the same time, they start no second run.
/// </summary>
internal sealed class RunRequests(IStore store, TimeProvider clock)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    /// <summary>The run a request has started; none when it has not. Throws a sentence when the name stands for another request.</summary>
    public async Task<long?> FindAsync(RunRequest request, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var known = await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            """
            select run, warehouse, kind, next_kind as NextKind, star, mode, snapshot from run_requests where actor = @Actor and key = @Key and at > @since
            """,
            new { request.Actor, request.Key, since = Since() }, cancellationToken: ct));
        return known is null ? null
            : (known.Warehouse, known.Kind, known.NextKind, known.Star, known.Mode, known.Snapshot)
                == (request.Warehouse, request.Kind.Word(), request.Then?.Word(), request.Choice.Star,
                    request.Choice.Mode?.Word(), request.Choice.Snapshot) ? known.Run
            : throw new SparkifyException(
                ProblemKind.AnotherRequest,
                $"The key '{request.Key}' stands for another request of yours: {known.Kind} of '{known.Warehouse}', run {known.Run}. Give this one a key of its own.");
    }

    /// <summary>The claim of a request.</summary>
    public IRunClaim Claim(RunRequest request) => new OfRequest(this, request);

    private async Task<bool> TakeAsync(NpgsqlConnection db, RunRequest request, CancellationToken ct)
    {
        await db.ExecuteAsync(new CommandDefinition(
            "delete from run_requests where at <= @since", new { since = Since() }, cancellationToken: ct));
        return await db.ExecuteAsync(new CommandDefinition(
            """
            insert into run_requests (actor, key, warehouse, kind, next_kind, star, mode, snapshot, at)
            values (@Actor, @Key, @Warehouse, @kind, @next, @Star, @mode, @Snapshot, @now)
            on conflict do nothing
            """,
            new
            {
                request.Actor,
                request.Key,
                request.Warehouse,
                kind = request.Kind.Word(),
                next = request.Then?.Word(),
                request.Choice.Star,
                mode = request.Choice.Mode?.Word(),
                request.Choice.Snapshot,
                now = clock.GetUtcNow(),
            }, cancellationToken: ct)) > 0;
    }

    private DateTimeOffset Since() => clock.GetUtcNow() - Kept;

    private sealed record Row(long Run, string Warehouse, string Kind, string? NextKind, long? Star, string? Mode, string? Snapshot);

    private sealed class OfRequest(RunRequests all, RunRequest request) : IRunClaim
    {
        public Task<bool> TakeAsync(NpgsqlConnection db, CancellationToken ct) => all.TakeAsync(db, request, ct);

        public Task StartedAsync(NpgsqlConnection db, long run, CancellationToken ct) => db.ExecuteAsync(new CommandDefinition(
            "update run_requests set run = @run where actor = @Actor and key = @Key", new { run, request.Actor, request.Key },
            cancellationToken: ct));
    }
}
