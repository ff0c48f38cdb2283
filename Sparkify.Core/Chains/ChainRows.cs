using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Chains;

/// <summary>A chain as it stands in the store, with its runs.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">Its warehouse.</param>
/// <param name="HasCluster">Whether it has a cluster that costs and may be paused.</param>
/// <param name="Plan">What was confirmed.</param>
/// <param name="Actor">By whom.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="CancelBy">Who cancelled it; none when nobody did.</param>
/// <param name="State">Where it stood when it was last looked at.</param>
/// <param name="Said">How it went; none while it works.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Runs">Its runs in their order.</param>
/// <param name="Refusals">The parts that were refused before there was a run, and why.</param>
internal sealed record ChainRow(
    long Id, string Warehouse, bool HasCluster, ChainPlan Plan, string Actor, DateTimeOffset CreatedAt, string? CancelBy, ChainState State,
    string? Said, DateTimeOffset? FinishedAt, IReadOnlyList<RunView> Runs, IReadOnlyDictionary<RunKind, string> Refusals)
{
    /// <summary>As it is shown.</summary>
    public Chain Shown => new(
        Id, Warehouse, State, Said, Plan.Reports, Plan.End, Actor, CreatedAt, FinishedAt, CancelBy, ChainCourse.Of(this).Parts);
}

/// <summary>Reads and writes chains.</summary>
internal static class ChainRows
{
    private const int Most = 50;

    /// <summary>Takes out old chains; their runs are kept for as long.</summary>
    public const string DeleteOld =
        "delete from chains where ctid = any (array (select ctid from chains where state <> 'running' and finished_at < @before limit @most))";

    private const string Columns =
        """
        c.id, c.warehouse, w.target = 'redshift' and (w.redshift ->> 'Existing' is null or w.redshift #>> '{Existing,Pausable}' = 'true') as HasCluster, c.opens, c.reports, c.ends, c.actor,
        c.created_at as CreatedAt, c.cancel_by as CancelBy, c.state, c.said, c.finished_at as FinishedAt from chains c join warehouses w on w.name = c.warehouse
        """;

    /// <summary>A chain; none when there is none of this number. Within a transaction it can be kept as it is until that ends.</summary>
    public static async Task<ChainRow?> FindAsync(NpgsqlConnection db, long id, CancellationToken ct, bool locks = false) =>
        (await ReadAsync(db, $"select {Columns} where c.id = @id {(locks ? "for update of c" : "")}", new { id }, ct)).SingleOrDefault();

    /// <summary>The latest chains of a warehouse, the newest first.</summary>
    public static Task<IReadOnlyList<ChainRow>> ListAsync(NpgsqlConnection db, string warehouse, CancellationToken ct) =>
        ReadAsync(db, $"select {Columns} where c.warehouse = @warehouse order by c.id desc limit {Most}", new { warehouse }, ct);

    /// <summary>
    /// The chains that are at work, and those that did not succeed and ended after a moment: a part of one may have been tried again.
    /// </summary>
    public static async Task<IReadOnlyList<long>> OpenAsync(NpgsqlConnection db, DateTimeOffset after, CancellationToken ct) =>
        (await db.QueryAsync<long>(new CommandDefinition(
            "select id from chains where state = 'running' or (state <> 'succeeded' and finished_at > @after) order by id", new { after },
            cancellationToken: ct)))
        .AsList();

    /// <summary>
    /// The reports that a run of a warehouse is to save: those of the chain at work; without one those of the chain whose run was the
    /// latest to save some, which is tried again. None when that chain is not there any more.
    /// </summary>
    public static async Task<IReadOnlyList<string>?> ReportsAsync(NpgsqlConnection db, string warehouse, CancellationToken ct) =>
        await db.ExecuteScalarAsync<string[]?>(new CommandDefinition(
            """
            select reports from chains where warehouse = @warehouse and (state = 'running' or id = @latest)
            order by state = 'running' desc limit 1
            """,
            new { warehouse, latest = await RunQueries.LatestChainAsync(db, warehouse, RunKind.Export, ct) }, cancellationToken: ct));

    /// <summary>Adds a chain that is about to start its first run.</summary>
    public static Task<long> AddAsync(
        NpgsqlConnection db, string warehouse, ChainPlan plan, string actor, DateTimeOffset now, CancellationToken ct) =>
        db.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            insert into chains (warehouse, opens, reports, ends, actor, created_at, starting)
            values (@warehouse, @opens, @reports, @ends, @actor, @now, true) returning id
            """,
            new { warehouse, opens = plan.Opens?.Word(), reports = plan.Reports.ToArray(), ends = plan.End.Word(), actor, now },
            cancellationToken: ct));

    /// <summary>Says that a chain is about to start a run, or has.</summary>
    public static Task StartingAsync(NpgsqlConnection db, long id, bool starting, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update chains set starting = @starting where id = @id", new { id, starting }, cancellationToken: ct));

    /// <summary>The chain at work on a warehouse, unless it is just starting a run of its own; none when there is none.</summary>
    public static Task<long?> InTheWayAsync(NpgsqlConnection db, string warehouse, CancellationToken ct) =>
        db.ExecuteScalarAsync<long?>(new CommandDefinition(
            "select id from chains where warehouse = @warehouse and state = 'running' and not starting", new { warehouse },
            cancellationToken: ct));

    /// <summary>Whether a chain is just starting a run of a warehouse, in this transaction.</summary>
    public static Task<bool> IsStartingAsync(NpgsqlConnection db, string warehouse, CancellationToken ct) =>
        db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from chains where warehouse = @warehouse and starting)", new { warehouse }, cancellationToken: ct));

    /// <summary>Writes down that a part was refused before there was a run.</summary>
    public static Task RefuseAsync(NpgsqlConnection db, long id, RunKind kind, string said, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "insert into chain_refusals (chain, kind, said) values (@id, @kind, @said) on conflict do nothing",
            new { id, kind = kind.Word(), said }, cancellationToken: ct));

    /// <summary>Writes down who cancels a chain.</summary>
    public static Task CancelAsync(NpgsqlConnection db, long id, string by, CancellationToken ct) => db.ExecuteAsync(new CommandDefinition(
        "update chains set cancel_by = coalesce(cancel_by, @by) where id = @id", new { id, by }, cancellationToken: ct));

    /// <summary>Writes down how a chain went.</summary>
    public static Task EndAsync(
        NpgsqlConnection db, long id, ChainState state, string? said, DateTimeOffset now, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update chains set state = @state, said = @said, finished_at = coalesce(finished_at, @now) where id = @id",
            new { id, state = state.Word(), said, now }, cancellationToken: ct));

    private static async Task<IReadOnlyList<ChainRow>> ReadAsync(NpgsqlConnection db, string sql, object values, CancellationToken ct)
    {
        var rows = (await db.QueryAsync<Row>(new CommandDefinition(sql, values, cancellationToken: ct))).AsList();
        var ids = rows.Select(static r => r.Id).ToArray();
        var runs = (await RunQueries.OfChainsAsync(db, ids, ct)).ToLookup(static r => r.Chain);
        var refusals = (await db.QueryAsync<(long Chain, string Kind, string Said)>(new CommandDefinition(
            "select chain, kind, said from chain_refusals where chain = any(@ids)", new { ids }, cancellationToken: ct)))
            .ToLookup(static r => r.Chain);
        return [.. rows.Select(r => new ChainRow(
            r.Id, r.Warehouse, r.HasCluster,
            new ChainPlan(r.Opens is null ? null : Words.Parse<RunKind>(r.Opens), r.Reports, Words.Parse<ChainEnd>(r.Ends)), r.Actor,
            Utc(r.CreatedAt)!.Value, r.CancelBy, Words.Parse<ChainState>(r.State), r.Said, Utc(r.FinishedAt), [.. runs[r.Id]],
            refusals[r.Id].ToDictionary(static f => Words.Parse<RunKind>(f.Kind), static f => f.Said)))];
    }

    private static DateTimeOffset? Utc(DateTime? at) => at is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : null;

    private sealed class Row
    {
        public long Id { get; init; }
        public string Warehouse { get; init; } = "";
        public bool HasCluster { get; init; }
        public string? Opens { get; init; }
        public string[] Reports { get; init; } = [];
        public string Ends { get; init; } = "";
        public string Actor { get; init; } = "";
        public DateTime CreatedAt { get; init; }
        public string? CancelBy { get; init; }
        public string State { get; init; } = "";
        public string? Said { get; init; }
        public DateTime? FinishedAt { get; init; }
    }
}
