using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Aws.Connections;

/// <summary>Connections, in the store.</summary>
internal sealed class AwsConnectionStore(
    IStore store, ISecretBox box, Lazy<IAwsLoginTest> aws, IEnumerable<IKeptSecrets> others, TimeProvider clock)
    : IAwsConnections, IAwsLogins
{
    // For as long as another process on this store may take to be heard of; what this one changes counts at once.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private const string Select =
        """
        select c.name, c.kind, c.profile, c.role, c.external_id as ExternalId, c.base as "On", c.access_key as AccessKey, c.secret, c.region,
               c.account, c.arn, c.tested_at as TestedAt, c.made_at as MadeAt, c.made_by as MadeBy,
               array(select 'warehouse ' || w.name from warehouses w where w.connection = c.name
                     union all select 'connection ' || o.name from aws_connections o where o.base = c.name order by 1) as UsedBy
        from   aws_connections c
        """;

    private readonly ConcurrentDictionary<string, (NamedLogin Login, long At)> _known = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<AwsConnectionName>> NamesAsync(CancellationToken ct) =>
        [.. (await ReadAsync(name: null, ct)).Select(static r => new AwsConnectionName(r.Name, r.ToKind(), r.Account, r.Region))];

    public async Task<AwsConnection> GetAsync(string name, CancellationToken ct) =>
        (await ReadAsync(name, ct)).SingleOrDefault()?.ToConnection()
        ?? throw SparkifyException.NotFound($"There is no AWS connection named '{name}'.");

    public async Task<AwsIdentity> WhoAmIAsync(string? connection, CancellationToken ct) =>
        await aws.Value.WhoAmIAsync(connection is null ? null : await LoginAsync(connection, ct), ct);

    public async Task<IReadOnlyList<AwsConnection>> ListAsync(CancellationToken ct) =>
        [.. (await ReadAsync(name: null, ct)).Select(static r => r.ToConnection())];

    public Task<IReadOnlyList<string>> ProfilesAsync(CancellationToken ct) => Task.FromResult(aws.Value.Profiles());

    public async Task<AwsConnection> AddAsync(string name, NewAwsConnection login, Actor actor, CancellationToken ct)
    {
        ConnectionRules.Check(name, login);
        var me = await TriedAsync(name, login, ct);
        var made = await ExecuteAsync(
            """
            insert into aws_connections (name, kind, profile, role, external_id, base, access_key, secret, region, account, arn, tested_at,
                                         made_at, made_by)
            values (@name, @kind, @Profile, @Role, @ExternalId, @On, @AccessKey, @secret, @Region, @Account, @Arn, @now, @now, @by)
            on conflict do nothing
            """, Values(name, login, me, actor), ct);
        return made > 0 ? await GetAsync(name, ct)
            : throw SparkifyException.Conflict($"There is a connection named '{name}' already. Replace it, or choose another name.");
    }

    public async Task<AwsConnection> ReplaceAsync(string name, NewAwsConnection login, Actor actor, CancellationToken ct)
    {
        ConnectionRules.Check(name, login);
        var now = await GetAsync(name, ct);
        var assumes = now.UsedBy.Any(static u => u.StartsWith("connection ", StringComparison.Ordinal));
        if (login.On == name || (login.Kind == AwsConnectionKind.Role && assumes))
        {
            throw SparkifyException.Conflict($"Roles are assumed by the connection '{name}', so it cannot assume one itself. Make another connection for the role.");
        }

        var me = await TriedAsync(name, login, ct);
        if (me.Account != now.Account && now.UsedBy.Count > 0)
        {
            throw SparkifyException.Conflict(
                $"The connection '{name}' leads into the account {now.Account}, where {Users(now)} {(now.UsedBy.Count == 1 ? "lives" : "live")}; " +
                $"this is the account {me.Account}. Make another connection for it.");
        }

        await ExecuteAsync(
            """
            update aws_connections set kind = @kind, profile = @Profile, role = @Role, external_id = @ExternalId, base = @On,
                   access_key = @AccessKey, secret = @secret, region = @Region, account = @Account, arn = @Arn, tested_at = @now
            where  name = @name
            """, Values(name, login, me, actor), ct);
        return await GetAsync(name, ct);
    }

    public async Task<AwsConnection> TestAsync(string name, Actor actor, CancellationToken ct)
    {
        await GetAsync(name, ct);
        _known.Clear();
        var me = await aws.Value.WhoAmIAsync(await LoginAsync(name, ct), ct);
        await ExecuteAsync(
            "update aws_connections set account = @Account, arn = @Arn, tested_at = @now where name = @name",
            new { name, me.Account, me.Arn, now = clock.GetUtcNow().UtcDateTime }, ct);
        return await GetAsync(name, ct);
    }

    public async Task DeleteAsync(string name, Actor actor, CancellationToken ct)
    {
        var there = await GetAsync(name, ct);
        if (there.UsedBy.Count == 0)
        {
            try
            {
                await ExecuteAsync("delete from aws_connections where name = @name", new { name }, ct);
                return;
            }
            catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                there = await GetAsync(name, ct); // somebody has begun to use it meanwhile
            }
        }

        throw SparkifyException.Conflict(
            $"The connection '{name}' is used by {Users(there)}. Forget {(there.UsedBy.Count == 1 ? "it" : "them")} first, or replace the connection instead.");
    }

    public DateTimeOffset KeySince => box.KeySince;

    public async Task<int> ReencryptAsync(Actor actor, CancellationToken ct)
    {
        await box.RenewAsync(ct);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var rows = (await db.QueryAsync<(string Name, string AccessKey, string Secret)>(new CommandDefinition(
            "select name, access_key, secret from aws_connections where secret is not null order by name for update",
            transaction: transaction, cancellationToken: ct))).AsList();
        foreach (var (name, accessKey, secret) in rows)
        {
            var purpose = Purpose(name, accessKey);
            await db.ExecuteAsync(new CommandDefinition(
                "update aws_connections set secret = @secret where name = @name",
                new { name, secret = box.Close(purpose, Open(name, accessKey, secret)) }, transaction, cancellationToken: ct));
        }

        var count = rows.Count;
        foreach (var other in others)
        {
            count += await other.ReencryptAsync(db, ct);
        }

        await transaction.CommitAsync(ct);
        return count;
    }

    public async ValueTask<NamedLogin> LoginAsync(string connection, CancellationToken ct)
    {
        if (_known.TryGetValue(connection, out var known) && clock.GetElapsedTime(known.At) < Fresh)
        {
            return known.Login;
        }

        var at = clock.GetTimestamp();
        var row = (await ReadAsync(connection, ct)).SingleOrDefault()
            ?? throw NoLogins.Missing(connection, [.. (await NamesAsync(ct)).Select(static c => c.Name)]);
        var login = new NamedLogin(row.Name, row.ToKind() switch
        {
            AwsConnectionKind.Profile => new ProfileLogin(row.Profile!),
            AwsConnectionKind.Role =>
                new RoleLogin(row.Role!, row.ExternalId, row.On is null ? null : (await LoginAsync(row.On, ct)).Login),
            _ => new KeyLogin(row.AccessKey!, Open(row.Name, row.AccessKey!, row.Secret!)),
        }, row.Region);
        _known[connection] = (login, at);
        return login;
    }

    private async Task<AwsIdentity> TriedAsync(string name, NewAwsConnection login, CancellationToken ct)
    {
        AwsLogin? on = null;
        if (login.On is { } other)
        {
            on = (await LoginAsync(other, ct)).Login;
            if (on is RoleLogin)
            {
                throw SparkifyException.Invalid($"The connection '{other}' assumes a role itself. Choose one with a profile or a key.");
            }
        }

        return await aws.Value.WhoAmIAsync(new NamedLogin(name, login.Kind switch
        {
            AwsConnectionKind.Profile => new ProfileLogin(login.Profile!),
            AwsConnectionKind.Role => new RoleLogin(login.Role!, login.ExternalId, on),
            _ => new KeyLogin(login.AccessKey!, login.SecretKey!),
        }, login.Region), ct);
    }

    private async Task<IEnumerable<Row>> ReadAsync(string? name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QueryAsync<Row>(new CommandDefinition(
            name is null ? $"{Select} order by c.name" : $"{Select} where c.name = @name", new { name }, cancellationToken: ct));
    }

    private async Task<int> ExecuteAsync(string sql, object values, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var changed = await db.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: ct));
        _known.Clear();
        return changed;
    }

    private object Values(string name, NewAwsConnection login, AwsIdentity me, Actor actor) => new
    {
        name,
        kind = login.Kind.ToString().ToLowerInvariant(),
        login.Profile,
        login.Role,
        login.ExternalId,
        login.On,
        login.AccessKey,
        secret = login.SecretKey is null ? null : box.Close(Purpose(name, login.AccessKey!), login.SecretKey),
        login.Region,
        me.Account,
        me.Arn,
        now = clock.GetUtcNow().UtcDateTime,
        by = actor.Name,
    };

    private string Open(string name, string accessKey, string secret) => box.Open(Purpose(name, accessKey), secret)
        ?? throw new AwsException(AwsFault.Credentials, $"The secret of the connection '{name}' was encrypted with keys that are not in this data folder (keys/web). An administrator can replace the connection under Settings, AWS.");

    private static string Users(AwsConnection connection) => Words.List(connection.UsedBy);

    // So that a secret does not open in another's row.
    private static string Purpose(string name, string accessKey) => $"aws connection {name} {accessKey}";

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Kind { get; init; } = "";
        public string? Profile { get; init; }
        public string? Role { get; init; }
        public string? ExternalId { get; init; }
        public string? On { get; init; }
        public string? AccessKey { get; init; }
        public string? Secret { get; init; }
        public string? Region { get; init; }
        public string Account { get; init; } = "";
        public string Arn { get; init; } = "";
        public DateTime TestedAt { get; init; }
        public DateTime MadeAt { get; init; }
        public string MadeBy { get; init; } = "";
        public string[] UsedBy { get; init; } = [];

        public AwsConnectionKind ToKind() => Enum.Parse<AwsConnectionKind>(Kind, ignoreCase: true);

        public AwsConnection ToConnection() => new(
            Name, ToKind(), Profile, Role, ExternalId, On, AccessKey, Region, Account, Arn, new DateTimeOffset(TestedAt, TimeSpan.Zero),
            new DateTimeOffset(MadeAt, TimeSpan.Zero), MadeBy)
        { UsedBy = UsedBy };
    }
}
