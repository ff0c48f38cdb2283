using System.Text.Json;
using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Notices;

/// <summary>A delivery somebody has claimed, with what it takes to send it.</summary>
internal sealed record ClaimedDelivery(Guid Id, string Hook, int Attempts, string Notice, string Address, string Secret, string Form)
{
    /// <summary>What it tells.</summary>
    public Notice ToNotice() => JsonSerializer.Deserialize<Notice>(Notice)!;
}

/// <summary>What is to be sent and was, in the store.</summary>
internal sealed class Deliveries(IStore store, NoticePatience patience, TimeProvider clock)
{
    private const int MostKept = 200;

    // What is told once for an occasion is known to have been told for this long.
    private static readonly TimeSpan Occasions = TimeSpan.FromDays(60);

    // Longer than a call may take, with what is written before and after it: whoever holds a claim for so long has died.
    private TimeSpan Lease => patience.Timeout * 3;

    /// <summary>
    /// Claims the next delivery that is due, to none of some hooks; none when there is none. Nobody else, in whatever process, gets it
    /// before the claim has run out.
    /// </summary>
    public async Task<ClaimedDelivery?> ClaimAsync(IReadOnlyCollection<string> except, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<ClaimedDelivery>(new CommandDefinition(
            """
            update notice_deliveries d set attempts = attempts + 1, next_at = @until
            from   hooks h
            where  h.name = d.hook and d.id = (
                select id from notice_deliveries where state = 'pending' and next_at <= @now and hook <> all(@except)
                order by next_at, at limit 1 for update skip locked)
            returning d.id, d.hook, d.attempts, d.notice::text, h.address, h.secret, h.form
            """,
            new { now, until = now + Lease, except = except.ToArray() }, cancellationToken: ct));
    }

    /// <summary>When the next delivery is due that goes to none of some hooks; none when nothing waits.</summary>
    public async Task<DateTimeOffset?> NextAsync(IReadOnlyCollection<string> except, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            "select min(next_at) from notice_deliveries where state = 'pending' and hook <> all(@except)",
            new { except = except.ToArray() }, cancellationToken: ct)) is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>Writes down what came of an attempt, unless its claim has run out and another took it.</summary>
    public async Task EndAttemptAsync(ClaimedDelivery claimed, HookAnswer answer, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var again = !answer.Delivered && claimed.Attempts <= patience.Again.Count
            ? now + patience.Again[claimed.Attempts - 1] : (DateTimeOffset?)null;
        var state = answer.Delivered ? DeliveryState.Delivered : again is null ? DeliveryState.GivenUp : DeliveryState.Pending;
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            update notice_deliveries set state = @state, next_at = @again, ended_at = @ended, said = @Said
            where  id = @Id and attempts = @Attempts and state = 'pending';
            delete from notice_deliveries where hook = @Hook and state <> 'pending' and (occasion is null or at < @forgotten) and id not in (
                select id from notice_deliveries where hook = @Hook and state <> 'pending' order by at desc, id limit @MostKept)
            """,
            new
            {
                claimed.Id,
                claimed.Hook,
                claimed.Attempts,
                state = state.Word(),
                again,
                forgotten = now - Occasions,
                ended = again is null ? now : (DateTimeOffset?)null,
                answer.Said,
                MostKept,
            }, cancellationToken: ct));
    }

    /// <summary>The deliveries of a hook, the latest first.</summary>
    public async Task<IReadOnlyList<Delivery>> ListAsync(string hook, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Row>(new CommandDefinition(
            """
            select id, notice::text as Notice, state, attempts, next_at as NextAt, ended_at as EndedAt, said
            from   notice_deliveries where hook = @hook order by at desc, id limit @most
            """,
            new { hook, most = MostKept * 2 }, cancellationToken: ct))).Select(Of)];
    }

    /// <summary>Has a delivery sent anew; false when the hook has none of this id.</summary>
    public async Task<bool> AgainAsync(string hook, Guid id, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteAsync(new CommandDefinition(
            """
            update notice_deliveries set state = 'pending', attempts = 0, next_at = @now, ended_at = null where id = @id and hook = @hook
            """, new { hook, id, now = clock.GetUtcNow() }, cancellationToken: ct)) > 0;
    }

    private static Delivery Of(Row row)
    {
        var notice = JsonSerializer.Deserialize<Notice>(row.Notice)!;
        return new Delivery(
            row.Id, notice.Time, notice.Event, notice.Warehouse, notice.Run?.Id, notice.Text, Words.Parse<DeliveryState>(row.State),
            row.Attempts, Utc(row.NextAt), Utc(row.EndedAt), row.Said);
    }

    private static DateTimeOffset? Utc(DateTime? at) => at is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : null;

    private sealed class Row
    {
        public Guid Id { get; init; }
        public string Notice { get; init; } = "";
        public string State { get; init; } = "";
        public int Attempts { get; init; }
        public DateTime? NextAt { get; init; }
        public DateTime? EndedAt { get; init; }
        public string? Said { get; init; }
    }
}
