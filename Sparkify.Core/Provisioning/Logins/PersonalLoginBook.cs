using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Logins;

/// <summary>Which logins of people there are, in the store: each is written down before it is made, and until it has gone.</summary>
internal sealed class PersonalLoginBook(IStore store, IWarehouseJournal journal)
{
    private const string Select =
        """
        select id, warehouse, person, role as "User", state, made_at as MadeAt, replaced_at as ReplacedAt, said from personal_logins
        """;

    private readonly Feed<string> _changes = new();

    /// <summary>The warehouses whose logins change here from now on.</summary>
    public Subscription<string> Subscribe() => _changes.Subscribe();

    /// <summary>What the journal calls a login of a target.</summary>
    public static string Kind(WarehouseTarget target) => target == WarehouseTarget.Local ? "role" : "user";

    /// <summary>All of them, by warehouse and person.</summary>
    public Task<IReadOnlyList<PersonalLogin>> ListAsync(CancellationToken ct) =>
        ReadAsync("order by warehouse, lower(person), id", new { }, ct);

    /// <summary>Those of a warehouse, by person.</summary>
    public Task<IReadOnlyList<PersonalLogin>> OfAsync(string warehouse, CancellationToken ct) =>
        ReadAsync("where warehouse = @warehouse order by lower(person), id", new { warehouse }, ct);

    /// <summary>The one somebody has, or is about to have; none when they have none.</summary>
    public async Task<PersonalLogin?> FindAsync(string warehouse, string person, CancellationToken ct) => (await ReadAsync(
        "where warehouse = @warehouse and lower(person) = lower(@person) and state <> 'ending'", new { warehouse, person }, ct)).SingleOrDefault();

    /// <summary>One by its number; none when it has gone.</summary>
    public async Task<PersonalLogin?> FindAsync(long id, CancellationToken ct) =>
        (await ReadAsync("where id = @id", new { id }, ct)).SingleOrDefault();

    /// <summary>The warehouses with logins that are to be taken away: they end, or nobody finished making them.</summary>
    public async Task<IReadOnlyList<string>> UnsettledAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await db.QueryAsync<string>(new CommandDefinition(
            "select distinct warehouse from personal_logins where state <> 'good' order by warehouse", cancellationToken: ct))).AsList();
    }

    /// <summary>Writes that somebody's login is being made, or given another password, as was asked for at a time.</summary>
    public async Task<PersonalLogin> BeginAsync(Warehouse warehouse, string person, DateTimeOffset asked, CancellationToken ct)
    {
        var login = await FindAsync(warehouse.Name, person, ct);
        if (login is null)
        {
            await using var db = await store.Database.OpenConnectionAsync(ct);
            var id = await db.ExecuteScalarAsync<long>(new CommandDefinition(
                "select nextval(pg_get_serial_sequence('personal_logins', 'id'))", cancellationToken: ct));
            login = new PersonalLogin(
                id, warehouse.Name, person, new LocalNames(warehouse.Name).OfPerson(id, person), PersonalLoginState.Making,
                asked, ReplacedAt: null, Said: null);
            await db.ExecuteAsync(new CommandDefinition(
                """
                insert into personal_logins (id, warehouse, person, role, state, made_at)
                overriding system value values (@Id, @Warehouse, @Person, @User, 'making', @MadeAt)
                """, login, cancellationToken: ct));
        }
        else
        {
            await ExecuteAsync("update personal_logins set state = 'making' where id = @Id", login, ct);
        }

        await journal.AddAsync(warehouse.Name, Kind(warehouse.Target), login.User, ct);
        return login;
    }

    /// <summary>
    /// Writes that a login can be used, by another password where one was asked for at a time; none when it was taken away meanwhile.
    /// </summary>
    public async Task<PersonalLogin?> GoodAsync(PersonalLogin login, DateTimeOffset? replaced, CancellationToken ct)
    {
        await ExecuteAsync(
            """
            update personal_logins set state = 'good', replaced_at = coalesce(@replaced, replaced_at)
            where  id = @Id and state = 'making'
            """, new { login.Id, replaced = replaced?.UtcDateTime }, login.Warehouse, ct);
        return await FindAsync(login.Id, ct) is { State: PersonalLoginState.Good } good ? good : null;
    }

    /// <summary>Writes that a login is as it was: its other password was never given.</summary>
    public Task AsBeforeAsync(PersonalLogin login, CancellationToken ct) =>
        ExecuteAsync("update personal_logins set state = 'good' where id = @Id and state = 'making'", login, ct);

    /// <summary>Writes that a login is to be taken away, so that it is whatever happens next.</summary>
    public Task EndAsync(long id, string warehouse, CancellationToken ct) => ExecuteAsync(
        "update personal_logins set state = 'ending' where id = @id", new { id }, warehouse, ct);

    /// <summary>Writes why a login could not be taken away yet.</summary>
    public Task SayAsync(PersonalLogin login, string said, CancellationToken ct) => ExecuteAsync(
        "update personal_logins set said = @said where id = @Id and said is distinct from @said",
        new { login.Id, said }, login.Warehouse, ct);

    /// <summary>Writes that a login has gone.</summary>
    public async Task GoneAsync(PersonalLogin login, WarehouseTarget target, CancellationToken ct)
    {
        // Whatever was left alone is nobody's login any more.
        await journal.RemovedAsync(login.Warehouse, Kind(target), login.User, leftAlone: false, ct);
        await ExecuteAsync("delete from personal_logins where id = @Id", login, ct);
    }

    /// <summary>Writes that none of a warehouse's logins is there any more.</summary>
    public async Task AllGoneAsync(string warehouse, WarehouseTarget target, CancellationToken ct)
    {
        foreach (var login in await OfAsync(warehouse, ct))
        {
            await GoneAsync(login, target, ct);
        }
    }

    private async Task<IReadOnlyList<PersonalLogin>> ReadAsync(string where, object values, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Row>(new CommandDefinition($"{Select} {where}", values, cancellationToken: ct))).Select(
            static r => new PersonalLogin(
                r.Id, r.Warehouse, r.Person, r.User, Words.Parse<PersonalLoginState>(r.State), new DateTimeOffset(r.MadeAt, TimeSpan.Zero),
                r.ReplacedAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null, r.Said))];
    }

    private Task ExecuteAsync(string sql, PersonalLogin login, CancellationToken ct) => ExecuteAsync(sql, login, login.Warehouse, ct);

    private async Task ExecuteAsync(string sql, object values, string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: ct));
        _changes.Publish(warehouse);
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public string Warehouse { get; init; } = "";
        public string Person { get; init; } = "";
        public string User { get; init; } = "";
        public string State { get; init; } = "";
        public DateTime MadeAt { get; init; }
        public DateTime? ReplacedAt { get; init; }
        public string? Said { get; init; }
    }
}
