using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Notices;

/// <summary>Hooks, in the store.</summary>
internal sealed class HookStore(
    IStore store, HookSecrets secrets, Deliveries deliveries, HookBody bodies, HookCall call, HookChanges changes, DeliverySignal signal,
    TimeProvider clock) : INotices
{
    private const string Select =
        """
        select h.name, h.host, h.form, h.events, h.every, h.plain_http as PlainHttp, h.made_at as MadeAt, h.made_by as MadeBy,
               h.address, h.secret, array(select warehouse from hook_warehouses w where w.hook = h.name order by 1) as Warehouses,
               d.pending, d.given_up as GivenUp, d.delivered_at as DeliveredAt
        from   hooks h
        cross join lateral (
            select count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'givenup') as given_up,
                   max(ended_at) filter (where state = 'delivered') as delivered_at
            from   notice_deliveries where hook = h.name) d
        """;

    public async Task<IReadOnlyList<Hook>> ListAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Row>(new CommandDefinition($"{Select} order by h.name", cancellationToken: ct)))
            .Select(static r => r.ToHook())];
    }

    public async Task<Hook> GetAsync(string name, CancellationToken ct) => (await RowAsync(name, ct)).ToHook();

    public async Task<IReadOnlyList<Delivery>> DeliveriesAsync(string name, CancellationToken ct)
    {
        await RowAsync(name, ct);
        return await deliveries.ListAsync(name, ct);
    }

    public Subscription<string> Subscribe() => changes.Names.Subscribe();

    public async Task<MadeHook> AddAsync(string name, NewHook hook, Actor actor, CancellationToken ct)
    {
        if (HookRules.NameProblem(name) is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }

        HookRules.Check(hook);
        var address = Checked(hook.Url, hook.PlainHttp);
        var secret = HookSecrets.Make();
        await WriteAsync(name, hook, async db =>
        {
            if (await db.ExecuteAsync(new CommandDefinition(
                """
                insert into hooks (name, address, secret, host, form, events, every, plain_http, made_at, made_by)
                values (@name, @address, @secret, @host, @form, @events, @every, @PlainHttp, @now, @by) on conflict do nothing
                """,
                Values(name, hook, address, secrets.CloseSecret(name, secret), actor), cancellationToken: ct)) == 0)
            {
                throw SparkifyException.Conflict($"There is a hook named '{name}' already. Change it, or choose another name.");
            }
        }, ct);
        return new MadeHook(await GetAsync(name, ct), secret);
    }

    public async Task<Hook> ChangeAsync(string name, NewHook hook, Actor actor, CancellationToken ct)
    {
        var now = await RowAsync(name, ct);
        HookRules.Check(hook);
        var address = Checked(hook.Url ?? secrets.Open(name, now.Address, now.Secret).Address, hook.PlainHttp);
        await WriteAsync(name, hook, async db =>
        {
            await db.ExecuteAsync(new CommandDefinition(
                """
                update hooks set address = @address, host = @host, form = @form, events = @events, every = @every, plain_http = @PlainHttp
                where  name = @name;
                delete from hook_warehouses where hook = @name
                """,
                Values(name, hook, address, now.Secret, actor), cancellationToken: ct));
        }, ct);
        return await GetAsync(name, ct);
    }

    public async Task<MadeHook> RenewSecretAsync(string name, Actor actor, CancellationToken ct)
    {
        await RowAsync(name, ct);
        var secret = HookSecrets.Make();
        await ExecuteAsync("update hooks set secret = @secret where name = @name", new { name, secret = secrets.CloseSecret(name, secret) }, ct);
        return new MadeHook(await GetAsync(name, ct), secret);
    }

    public async Task DeleteAsync(string name, Actor actor, CancellationToken ct)
    {
        if (await ExecuteAsync("delete from hooks where name = @name", new { name }, ct) == 0)
        {
            throw Missing(name);
        }

        changes.Names.Publish(name);
    }

    public async Task<HookAnswer> TestAsync(string name, Actor actor, CancellationToken ct)
    {
        var row = await RowAsync(name, ct);
        var (address, secret) = secrets.Open(name, row.Address, row.Secret);
        var body = bodies.Test(Words.Parse<HookForm>(row.Form), name, actor, clock.GetUtcNow());
        return await call.SendAsync(new Uri(address), secret, Guid.NewGuid(), body, ct);
    }

    public async Task SendAgainAsync(string name, Guid id, Actor actor, CancellationToken ct)
    {
        await RowAsync(name, ct);
        if (!await deliveries.AgainAsync(name, id, ct))
        {
            throw SparkifyException.NotFound($"The hook '{name}' has no delivery {id}; of those that have ended only the latest are kept.");
        }

        signal.Set();
        changes.Names.Publish(name);
    }

    private async Task WriteAsync(string name, NewHook hook, Func<NpgsqlConnection, Task> write, CancellationToken ct)
    {
        string[] chosen = [.. (hook.Warehouses ?? []).Distinct(StringComparer.Ordinal)];
        await store.InTransactionAsync(async db =>
        {
            await write(db);
            var known = (await db.QueryAsync<string>(new CommandDefinition(
                """
                insert into hook_warehouses (hook, warehouse) select @name, name from warehouses where name = any(@chosen) returning warehouse
                """, new { name, chosen }, cancellationToken: ct))).AsList();
            return chosen.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } unknown
                ? throw SparkifyException.Invalid($"There is no warehouse named '{unknown}'. The overview lists those there are.")
                : true;
        }, ct);
        changes.Names.Publish(name);
    }

    private object Values(string name, NewHook hook, string address, string secret, Actor actor) => new
    {
        name,
        address = secrets.CloseAddress(name, address),
        secret,
        host = new Uri(address).GetLeftPart(UriPartial.Authority),
        form = hook.Form.Word(),
        events = hook.Events.Distinct().Select(static e => e.Word()).ToArray(),
        every = hook.Warehouses is null,
        hook.PlainHttp,
        now = clock.GetUtcNow(),
        by = actor.Name,
    };

    private static string Checked(string? url, bool plainHttp) =>
        HookRules.UrlProblem(url, plainHttp) is { } problem ? throw SparkifyException.Invalid(problem) : url!;

    private async Task<int> ExecuteAsync(string sql, object values, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: ct));
    }

    private async Task<Row> RowAsync(string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"{Select} where h.name = @name", new { name }, cancellationToken: ct)) ?? throw Missing(name);
    }

    private static SparkifyException Missing(string name) => SparkifyException.NotFound($"There is no hook named '{name}'.");

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Host { get; init; } = "";
        public string Form { get; init; } = "";
        public string[] Events { get; init; } = [];
        public bool Every { get; init; }
        public bool PlainHttp { get; init; }
        public DateTime MadeAt { get; init; }
        public string MadeBy { get; init; } = "";
        public string Address { get; init; } = "";
        public string Secret { get; init; } = "";
        public string[] Warehouses { get; init; } = [];
        public long Pending { get; init; }
        public long GivenUp { get; init; }
        public DateTime? DeliveredAt { get; init; }

        public Hook ToHook() => new(
            Name, Host, Words.Parse<HookForm>(Form), [.. Events.Select(Words.Parse<NoticeEvent>).Order()], Every ? null : Warehouses,
            PlainHttp, new DateTimeOffset(MadeAt, TimeSpan.Zero), MadeBy, Pending, GivenUp,
            DeliveredAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null);
    }
}
