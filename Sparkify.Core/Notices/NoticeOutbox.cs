using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Notices;

/// <summary>Takes notices for all hooks that are called for them.</summary>
internal interface INoticeOutbox
{
    /// <summary>
    /// Writes a notice within a transaction of the store: it is sent when that stands. One with an occasion that was told before is passed
    /// over.
    /// </summary>
    Task AddAsync(NpgsqlConnection db, Notice notice, CancellationToken ct, string? occasion = null);

    /// <summary>Writes a notice of what is seen again and again (by each process, too), once for each occasion.</summary>
    Task TellAsync(Notice notice, string occasion, CancellationToken ct);
}

/// <summary>Notices, in the store until they are delivered.</summary>
internal sealed class NoticeOutbox(IStore store, HookChanges changes, DeliverySignal signal, TimeProvider clock) : INoticeOutbox
{
    public async Task AddAsync(NpgsqlConnection db, Notice notice, CancellationToken ct, string? occasion = null)
    {
        var hooks = (await db.QueryAsync<string>(new CommandDefinition(
            """
            insert into notice_deliveries (hook, at, event, occasion, notice, next_at)
            select name, @Time, @word, @occasion, @json::json, @now from hooks h
            where  @word = any(events)
                   and (every or exists (select 1 from hook_warehouses w where w.hook = h.name and w.warehouse = @Warehouse))
            on conflict do nothing
            returning hook
            """,
            new
            {
                notice.Time,
                notice.Warehouse,
                word = notice.Event.Word(),
                occasion,
                json = JsonSerializer.Serialize(notice),
                now = clock.GetUtcNow(),
            }, cancellationToken: ct))).AsList();
        if (hooks.Count > 0)
        {
            StoreTransaction.AfterCommit(() =>
            {
                signal.Set();
                hooks.ForEach(changes.Names.Publish);
            });
        }
    }

    public Task TellAsync(Notice notice, string occasion, CancellationToken ct) => store.InTransactionAsync(async db =>
    {
        await AddAsync(db, notice, ct, occasion);
        return true;
    }, ct);
}

/// <summary>Tells who looks at hooks that something of one has changed.</summary>
internal sealed class HookChanges
{
    /// <summary>The names of those of which it has.</summary>
    public Feed<string> Names { get; } = new();
}
