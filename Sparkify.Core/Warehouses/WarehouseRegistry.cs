using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NpgsqlTypes;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>The registry, in the store.</summary>
internal sealed class WarehouseRegistry(
    IStore store, ISources sources, IWarehousePlans plans, WarehouseMoves moves, WarehouseChanges changes, RunDecisions decisions,
    LoginBox logins, IOptions<SparkifyOptions> options, TimeProvider clock, ILogger<WarehouseRegistry> logger) : IWarehouses
{
    private const string Columns =
        "name, target, source::text as Source, max_rejects as MaxRejects, state, created_at as CreatedAt, created_by as CreatedBy, " +
        "published_at as PublishedAt, published_run as PublishedRun, put_back_by as PutBackBy, redshift::text as Redshift, endpoint::text as Endpoint, last_query_at as LastQueryAt, " +
        "schema as Schema, least_of_published as LeastOfPublished, least_with_field as LeastWithField, " +
        "newest_event_hours as NewestEventHours, last_load_hours as LastLoadHours, load_mode as LoadMode, unchanged_at as UnchangedAt, " +
        "(select newest_event from play_counts where warehouse = name) as NewestEvent, " +
        "passwords, password_key as PasswordKey, passwords_wanted as PasswordsWanted, login_password as LoginPassword, login_alone as LoginAlone";

    // Every open page reads a warehouse when it changes.
    private readonly SharedRead<string, Row?> _rows = new(async name =>
    {
        await using var db = await store.Database.OpenConnectionAsync();
        return await db.QuerySingleOrDefaultAsync<Row>($"select {Columns} from warehouses where name = @name", new { name });
    });

    public async Task<IReadOnlyList<Warehouse>> ListAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Row>(
            new CommandDefinition($"select {Columns} from warehouses order by name", cancellationToken: ct))).Select(ToWarehouse)];
    }

    public async Task<Warehouse?> FindAsync(string name, CancellationToken ct)
    {
        var row = await FindRowAsync(name, ct);
        return row is null ? null : ToWarehouse(row);
    }

    public async Task<Warehouse> CreateAsync(NewWarehouse request, Actor actor, CancellationToken ct)
    {
        WarehouseName.Check(request.Name);
        var maxRejects = request.MaxRejects ?? options.Value.MaxRejects;
        RejectLimits.Check(maxRejects);
        request.DecisionLimits.Check();
        request.Freshness.Check();
        var redshift = request.CheckedSettings();
        var schemas = WarehouseSchemas.Of(request.Schema);
        // Refused now rather than when it is provisioned: a target there is no provisioner for, or something that is in the way.
        await plans.PlanAsync(request, ct);
        var report = await sources.TestAsync(request.Source, ct);
        if (!report.Good)
        {
            throw SparkifyException.Invalid(string.Join(" ", report.Problems));
        }

        await using var command = store.Database.CreateCommand(
            "insert into warehouses (name, target, source, max_rejects, created_at, created_by, redshift, schema, least_of_published, " +
            "least_with_field, newest_event_hours, last_load_hours, load_mode, login_password) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) " +
            "on conflict do nothing");
        command.Parameters.Add(new() { Value = request.Name });
        command.Parameters.Add(new() { Value = request.Target.Word() });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(request.Source), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new() { Value = maxRejects });
        command.Parameters.Add(new() { Value = clock.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new() { Value = actor.Name });
        command.Parameters.Add(
            new() { Value = redshift is null ? DBNull.Value : JsonSerializer.Serialize(redshift), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new() { Value = schemas.Published });
        command.Parameters.Add(new() { Value = request.DecisionLimits.LeastOfPublished });
        command.Parameters.Add(new() { Value = request.DecisionLimits.LeastWithField });
        command.Parameters.Add(new() { Value = request.Freshness.NewestEvent });
        command.Parameters.Add(new() { Value = request.Freshness.LastLoad });
        command.Parameters.Add(new() { Value = request.LoadMode.Word() });
        command.Parameters.Add(new()
        {
            Value = request.Password is { } password ? logins.Close(request.Name, redshift!.Existing!, password) : DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Text,
        });
        if (await WarehouseMoves.WithConnectionAsync(request.Connection, () => command.ExecuteNonQueryAsync(ct)) == 0)
        {
            throw SparkifyException.Conflict($"There is a warehouse named '{request.Name}' already. Choose another name.");
        }

        Changed(request.Name, "created", actor);
        return (await FindAsync(request.Name, ct))!;
    }

    public async Task<Warehouse> LimitRejectsAsync(string name, int maxRejects, Actor actor, CancellationToken ct)
    {
        RejectLimits.Check(maxRejects);
        await ExecuteAsync("update warehouses set max_rejects = @maxRejects where name = @name", new { name, maxRejects }, ct);
        Changed(name, $"given the reject limit {maxRejects}", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> LimitDecisionsAsync(string name, DecisionLimits limits, Actor actor, CancellationToken ct)
    {
        limits.Check();
        await store.InTransactionAsync(async db =>
        {
            var changed = await db.ExecuteAsync(new CommandDefinition(
                """
                update warehouses set least_of_published = @LeastOfPublished, least_with_field = @LeastWithField
                where  name = @name and (least_of_published, least_with_field) <> (@LeastOfPublished, @LeastWithField)
                """,
                new { name, limits.LeastOfPublished, limits.LeastWithField }, cancellationToken: ct));
            if (changed > 0)
            {
                await decisions.EndAsync(
                    db, name, actor.Name, "The limits were changed, so it was asked by the old ones. Load again to have the new ones judge.", ct);
            }

            return true;
        }, ct);
        Changed(name, $"given the decision limits {limits.LeastOfPublished} % and {limits.LeastWithField} %", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> LimitAgesAsync(string name, FreshnessLimits limits, Actor actor, CancellationToken ct)
    {
        limits.Check();
        await ExecuteAsync(
            "update warehouses set newest_event_hours = @NewestEvent, last_load_hours = @LastLoad where name = @name",
            new { name, limits.NewestEvent, limits.LastLoad }, ct);
        Changed(name, $"given the age limits {limits.NewestEvent} h for the newest event and {limits.LastLoad} h for the last load", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> ChooseLoadsAsync(string name, LoadMode mode, Actor actor, CancellationToken ct)
    {
        await ExecuteAsync("update warehouses set load_mode = @mode where name = @name", new { name, mode = mode.Word() }, ct);
        Changed(name, $"given loads of the mode {mode.Word()}", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> ConnectAsync(string name, string? connection, Actor actor, CancellationToken ct)
    {
        var row = await RowAsync(name, ct);
        var warehouse = ToWarehouse(row);
        if (!warehouse.UsesAws)
        {
            throw SparkifyException.Invalid(
                $"Nothing of the warehouse '{name}' is in AWS{(warehouse.Simulated ? ", but on the simulator, which has a login of its own" : "")}: it needs no connection.");
        }

        await moves.MoveAsync(warehouse, (row.Redshift, row.Source), connection, ct);
        Changed(name, $"reached through {WarehouseMoves.Named(connection)}", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> ReconfigureAsync(string name, RedshiftSettings settings, Actor actor, CancellationToken ct)
    {
        var row = await RowAsync(name, ct);
        var warehouse = ToWarehouse(row);
        if (warehouse.Target == WarehouseTarget.Redshift && settings.Connection != warehouse.Connection)
        {
            throw SparkifyException.Conflict(
                $"The warehouse '{name}' is reached through {WarehouseMoves.Named(warehouse.Connection)}, and these settings name {WarehouseMoves.Named(settings.Connection)}. Its connection is changed by itself, for cluster and source alike.");
        }

        (NewWarehouse.Of(warehouse) with { Redshift = settings }).CheckedSettings();
        // What it has is in one place, and would be lost from sight in another.
        var elsewhere = warehouse.Existing is null != settings.Existing is null || settings.Existing?.IsAt(warehouse.Existing) == false;
        if (elsewhere && (await ResourcesAsync(name, ct)).Any(static r => r.RemovedAt is null))
        {
            throw SparkifyException.Conflict(
                $"The warehouse '{name}' owns something where it is, so it cannot move to another cluster. Tear it down first.");
        }

        var changed = await ExecuteAsync(
            $"""
            update warehouses set redshift = @redshift::json, login_password = case when @keeps then login_password end,
                   login_alone = login_alone and not @elsewhere
            where  name = @warehouse and redshift::text is not distinct from @old
              and  (not @elsewhere or not exists (select 1 from resources where warehouse = @warehouse and removed_at is null)
                    and not exists ({RunQueries.ActiveOfWarehouse}))
            """,
            new
            {
                warehouse = name,
                elsewhere,
                redshift = JsonSerializer.Serialize(settings),
                old = row.Redshift,
                // Another login has another password, and nobody is sent this one.
                keeps = !elsewhere && settings.Existing is { Login: ClusterLoginKind.Password }
                    && settings.Existing?.User == warehouse.Existing?.User,
            }, ct);
        if (changed == 0)
        {
            throw SparkifyException.Conflict($"The cluster settings of '{name}' were changed meanwhile{(elsewhere ? ", or a run is at work" : "")}. Look at them again, then ask again.");
        }

        Changed(name, "given other cluster settings", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> GiveLoginAsync(string name, LoginPassword password, Actor actor, CancellationToken ct)
    {
        var warehouse = await ((IWarehouses)this).GetAsync(name, ct);
        if (warehouse.Existing is not { Login: ClusterLoginKind.Password } cluster)
        {
            throw SparkifyException.Invalid($"The warehouse '{name}' does not log into an existing cluster with a password: it takes none.");
        }

        if (password.Value.Length == 0)
        {
            throw SparkifyException.Invalid("The password is empty.");
        }

        await ExecuteAsync(
            "update warehouses set login_password = @closed where name = @name",
            new { name, closed = logins.Close(name, cluster, password) }, ct);
        Changed(name, "given the password of its login", actor);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task ForgetAsync(string name, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var forgotten = await db.ExecuteAsync(new CommandDefinition(
            $"""
            delete from warehouses where name = @warehouse
               and not exists (select 1 from resources where warehouse = @warehouse and removed_at is null)
               and not exists ({RunQueries.ActiveOfWarehouse})
            """,
            new { warehouse = name }, cancellationToken: ct));
        if (forgotten == 0)
        {
            var warehouse = await ((IWarehouses)this).GetAsync(name, ct);
            throw SparkifyException.Conflict(
                $"The warehouse '{warehouse.Name}' still owns resources or has a run at work. Tear it down first, then forget it.");
        }

        Changed(name, "forgotten", actor);
    }

    public async Task<IReadOnlyList<OwnedResource>> ResourcesAsync(string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<(string Kind, string Name, DateTime At, DateTime? Removed, bool LeftAlone)>(new CommandDefinition(
            "select kind, name, journaled_at, removed_at, left_alone from resources where warehouse = @name order by id", new { name },
            cancellationToken: ct));
        return [.. rows.Select(
            r => new OwnedResource(r.Kind, r.Name, Utc(r.At), r.Removed is { } gone ? Utc(gone) : null) { LeftAlone = r.LeftAlone })];
    }

    public Subscription<string> Subscribe() => changes.Names.Subscribe();

    private async Task<int> ExecuteAsync(string sql, object values, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: ct));
    }

    private Task<Row?> FindRowAsync(string name, CancellationToken ct) => _rows.ReadAsync(name, ct);

    private async Task<Row> RowAsync(string name, CancellationToken ct) =>
        await FindRowAsync(name, ct) ?? throw WarehouseName.Unknown(name);

    private void Changed(string name, string what, Actor actor)
    {
        WarehousesLog.Changed(logger, name, what, actor.Name);
        changes.Names.Publish(name);
    }

    private static Warehouse ToWarehouse(Row row) => new(
        row.Name, Enum.Parse<WarehouseTarget>(
            row.Target, ignoreCase: true), JsonSerializer.Deserialize<SourceSpec>(row.Source)!, row.MaxRejects,
        Enum.Parse<WarehouseState>(row.State, ignoreCase: true), Utc(row.CreatedAt), row.CreatedBy,
        row.PublishedAt is { } at ? Utc(at) : null, row.PublishedRun,
        row.Redshift is null ? null : JsonSerializer.Deserialize<RedshiftSettings>(row.Redshift),
        row.Endpoint is null ? null : JsonSerializer.Deserialize<WarehouseEndpoint>(row.Endpoint),
        row.LastQueryAt is { } query ? Utc(query) : null)
    {
        PutBackBy = row.PutBackBy,
        Schemas = new WarehouseSchemas(row.Schema),
        DecisionLimits = new DecisionLimits(row.LeastOfPublished, row.LeastWithField),
        Freshness = new FreshnessLimits(row.NewestEventHours, row.LastLoadHours),
        LoadMode = Words.Parse<LoadMode>(row.LoadMode),
        UnchangedAt = row.UnchangedAt is { } unchanged ? Utc(unchanged) : null,
        NewestEvent = row.NewestEvent is { } newest ? Utc(newest) : null,
        Passwords = new RolePasswords(row.Passwords, row.PasswordKey),
        PasswordsWanted = row.PasswordsWanted,
        Login = new KeptLogin(row.LoginPassword, row.LoginAlone),
    };

    private static DateTimeOffset Utc(DateTime at) => new(at, TimeSpan.Zero);

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Target { get; init; } = "";
        public string Source { get; init; } = "";
        public int MaxRejects { get; init; }
        public string State { get; init; } = "";
        public DateTime CreatedAt { get; init; }
        public string CreatedBy { get; init; } = "";
        public DateTime? PublishedAt { get; init; }
        public long? PublishedRun { get; init; }
        public long? PutBackBy { get; init; }
        public string? Redshift { get; init; }
        public string? Endpoint { get; init; }
        public DateTime? LastQueryAt { get; init; }
        public string Schema { get; init; } = "";
        public int LeastOfPublished { get; init; }
        public int LeastWithField { get; init; }
        public int NewestEventHours { get; init; }
        public int LastLoadHours { get; init; }
        public string LoadMode { get; init; } = "";
        public DateTime? UnchangedAt { get; init; }
        public DateTime? NewestEvent { get; init; }
        public int Passwords { get; init; }
        public string? PasswordKey { get; init; }
        public int PasswordsWanted { get; init; }
        public string? LoginPassword { get; init; }
        public bool LoginAlone { get; init; }
    }
}
