using System.Text.Json;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>The journal, in the store.</summary>
internal sealed class WarehouseJournal(IStore store, WarehouseChanges changes, TimeProvider clock) : IWarehouseJournal
{
    public async Task AddAsync(string warehouse, string kind, string name, CancellationToken ct, long? run = null) => await ExecuteAsync(
        """
        insert into resources (warehouse, kind, name, journaled_at, made_by) values (@warehouse, @kind, @name, @now, @run)
        on conflict (warehouse, kind, name) where removed_at is null
        do update set made_by = excluded.made_by where excluded.made_by is not null
        """, new { warehouse, kind, name, now = clock.GetUtcNow(), run }, warehouse, ct);

    public async Task<IReadOnlySet<(string Kind, string Name)>> MadeByAsync(string warehouse, long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await db.QueryAsync<(string, string)>(new CommandDefinition(
            "select kind, name from resources where warehouse = @warehouse and made_by = @run and removed_at is null",
            new { warehouse, run }, cancellationToken: ct))).ToHashSet();
    }

    public async Task<bool> HasTakenBackAsync(string warehouse, long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select exists (select 1 from resources gone where warehouse = @warehouse and made_by = @run and removed_at is not null
                           and not exists (select 1 from resources there where there.warehouse = gone.warehouse and there.kind = gone.kind
                                           and there.name = gone.name and there.removed_at is null))
            """, new { warehouse, run }, cancellationToken: ct));
    }

    public Task KnowByAsync(string warehouse, string kind, string name, string mark, CancellationToken ct) => ExecuteAsync(
        "update resources set known_by = @mark where warehouse = @warehouse and kind = @kind and name = @name and removed_at is null",
        new { warehouse, kind, name, mark }, warehouse, ct);

    public async Task<string?> KnownByAsync(string warehouse, string kind, string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select known_by from resources where warehouse = @warehouse and kind = @kind and name = @name and removed_at is null",
            new { warehouse, kind, name }, cancellationToken: ct));
    }

    public async Task<bool> HasAsync(string warehouse, string kind, string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from resources where warehouse = @warehouse and kind = @kind and name = @name and removed_at is null)",
            new { warehouse, kind, name }, cancellationToken: ct));
    }

    public async Task<bool> HadAsync(string warehouse, string kind, string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from resources where warehouse = @warehouse and kind = @kind and name = @name and not left_alone)",
            new { warehouse, kind, name }, cancellationToken: ct));
    }

    public async Task RemovedAsync(string warehouse, string kind, string name, bool leftAlone, CancellationToken ct) => await ExecuteAsync(
        "update resources set removed_at = @now, left_alone = @leftAlone where warehouse = @warehouse and kind = @kind and name = @name and removed_at is null",
        new { warehouse, kind, name, leftAlone, now = clock.GetUtcNow() }, warehouse, ct);

    public async Task<string?> KeepAccountAsync(string warehouse, string account, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<string>(new CommandDefinition(
            """
            update warehouses set account = @account
            where  name = @warehouse and account is distinct from @account
              and  (account is null or not exists (select 1 from resources where warehouse = @warehouse and removed_at is null));
            select account from warehouses where name = @warehouse
            """, new { warehouse, account }, cancellationToken: ct));
    }

    public async Task SetStateAsync(string warehouse, WarehouseState state, CancellationToken ct)
    {
        var keeps = state is WarehouseState.Available or WarehouseState.Paused;
        await ExecuteAsync(
            """
            with forget_tables as (delete from table_counts where warehouse = @warehouse and not @keeps),
                 forget_plays  as (delete from play_counts  where warehouse = @warehouse and not @keeps),
                 forget_stars  as (delete from kept_stars   where warehouse = @warehouse and not @keeps)
            update warehouses set state = @state, published_at = case when @keeps then published_at end,
                   published_run = case when @keeps then published_run end, unchanged_at = case when @keeps then unchanged_at end,
                   put_back_by = case when @keeps then put_back_by end,
                   endpoint = case when @keeps then endpoint end
            where  name = @warehouse
            """,
            new { warehouse, state = state.Word(), keeps }, warehouse, ct);
    }

    public async Task SetEndpointAsync(string warehouse, WarehouseEndpoint? endpoint, CancellationToken ct) => await ExecuteAsync(
        "update warehouses set endpoint = @endpoint::json where name = @warehouse",
        new { warehouse, endpoint = endpoint is null ? null : JsonSerializer.Serialize(endpoint) }, warehouse, ct);

    public async Task PublishedAsync(
        string warehouse, long run, long? putBackBy, IReadOnlyList<TableCount> counts, PlayCounts plays, DateTime? newestEvent,
        CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            update warehouses set published_run = @run, put_back_by = @putBackBy, published_at = case when @putBackBy::bigint is null then @now
                   else coalesce((select k.published_at from kept_stars k where k.warehouse = name and k.run = @run), published_at, @now) end,
                   unchanged_at = null
            where  name = @warehouse;
            delete from kept_stars where warehouse = @warehouse and run = @run;
            delete from table_counts where warehouse = @warehouse;
            delete from play_counts where warehouse = @warehouse;
            insert into table_counts (warehouse, table_name, row_count, byte_count)
            select @warehouse, * from unnest(@tables::text[], @rows::bigint[], @bytes::bigint[]);
            insert into play_counts (warehouse, events_read, events_staged, other_pages, repeated_plays, plays, matched_plays, days, newest_event)
            values (@warehouse, @EventsRead, @EventsStaged, @OtherPages, @RepeatedPlays, @Plays, @MatchedPlays, @Days, @newestEvent);
            """,
            new
            {
                warehouse,
                run,
                putBackBy,
                now = clock.GetUtcNow(),
                tables = counts.Select(c => c.Table).ToArray(),
                rows = counts.Select(c => c.Rows).ToArray(),
                bytes = counts.Select(c => c.Bytes).ToArray(),
                plays.EventsRead,
                plays.EventsStaged,
                plays.OtherPages,
                plays.RepeatedPlays,
                plays.Plays,
                plays.MatchedPlays,
                plays.Days,
                newestEvent,
            },
            transaction, cancellationToken: ct));
        await transaction.CommitAsync(ct);
        changes.Names.Publish(warehouse);
    }

    public Task UnchangedAsync(string warehouse, CancellationToken ct) => ExecuteAsync(
        "update warehouses set unchanged_at = @now where name = @warehouse", new { warehouse, now = clock.GetUtcNow() }, warehouse, ct);

    public Task WantPasswordsAsync(string warehouse, CancellationToken ct) => ExecuteAsync(
        "update warehouses set passwords_wanted = passwords + 1 where name = @warehouse", new { warehouse }, warehouse, ct);

    public async Task SetPasswordsAsync(
        string warehouse, RolePasswords which, CancellationToken ct, Func<NpgsqlConnection, Task>? give = null)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        if (give is not null)
        {
            await give(db);
        }

        await db.ExecuteAsync(new CommandDefinition(
            """
            update warehouses set passwords = @Number, password_key = @Key
            where  name = @warehouse and (passwords, password_key) is distinct from (@Number, @Key)
            """,
            new { warehouse, which.Number, which.Key }, transaction, cancellationToken: ct));
        await transaction.CommitAsync(ct);
        changes.Names.Publish(warehouse);
    }

    public async Task<RolePasswords> PasswordsAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var (number, key) = await db.QuerySingleAsync<(int, string?)>(new CommandDefinition(
            "select passwords, password_key from warehouses where name = @warehouse", new { warehouse }, cancellationToken: ct));
        return new RolePasswords(number, key);
    }

    public Task SetOneLoginAsync(string warehouse, bool alone, CancellationToken ct) => ExecuteAsync(
        "update warehouses set login_alone = @alone where name = @warehouse", new { warehouse, alone }, warehouse, ct);

    public async Task<KeptLogin> LoginAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var (password, alone) = await db.QuerySingleAsync<(string?, bool)>(new CommandDefinition(
            "select login_password, login_alone from warehouses where name = @warehouse", new { warehouse }, cancellationToken: ct));
        return new KeptLogin(password, alone);
    }

    public Task SetReaderBoundsAsync(string warehouse, string version, CancellationToken ct) => ExecuteAsync(
        "update warehouses set reader_bounds = @version where name = @warehouse", new { warehouse, version }, warehouse, ct);

    public async Task<IReadOnlyList<string>> WithoutReaderBoundsAsync(string version, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await db.QueryAsync<string>(new CommandDefinition(
            """
            select name from warehouses
            where  target = 'local' and state = 'available' and reader_bounds is distinct from @version order by name
            """, new { version }, cancellationToken: ct))).AsList();
    }

    public async Task<IReadOnlyList<string>> TagKeysAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<string[]>(new CommandDefinition(
            "select tag_keys from warehouses where name = @warehouse", new { warehouse }, cancellationToken: ct)) ?? [];
    }

    public async Task SetTagKeysAsync(string warehouse, IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "update warehouses set tag_keys = @keys where name = @warehouse", new { warehouse, keys = keys.ToArray() }, cancellationToken: ct));
    }

    public async Task<Guid> StoreIdAsync(CancellationToken ct)
    {
        await using var command = store.Database.CreateCommand("select id from store");
        return (Guid)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task ExecuteAsync(string sql, object values, string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: ct));
        changes.Names.Publish(warehouse);
    }
}
