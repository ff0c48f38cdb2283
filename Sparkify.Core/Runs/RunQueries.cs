using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Asks about runs; changes nothing. What is asked within a transaction locks the run's row.</summary>
internal sealed class RunQueries(IStore store)
{
    /// <summary>The numbers of the runs of <c>@warehouse</c>, for a statement on what belongs to runs.</summary>
    public const string OfWarehouse = "select id from runs where warehouse = @warehouse";

    /// <summary>The active run of <c>@warehouse</c>, for a statement that must not come between.</summary>
    public const string ActiveOfWarehouse = $"{OfWarehouse} and {Active}";

    /// <summary>
    /// The numbers of runs that ended before <c>@before</c> and that nothing holds: what they built is not seen and not kept, and no
    /// person decided about them, or is asked to.
    /// </summary>
    public const string Old =
        $"""
        select id from runs where finished_at < @before and not ({Active}) and state <> 'needsdecision' and asked_at is null
        and not exists (select 1 from warehouses w where runs.id = w.put_back_by)
        and id not in (
            select loads_of_star(star) from (
                select published_run as star from warehouses where published_run is not null union select run from kept_stars) stars)
        """;

    /// <summary>Takes out at most <c>@most</c> rows of a table that belong to such runs.</summary>
    public static string OldRowsOf(string table) =>
        $"delete from {table} where ctid = any (array (select ctid from {table} where run in ({Old}) limit @most))";

    private const string Active = "state in ('queued', 'running')";

    // What a list is narrowed by, apart from how its runs ended.
    private const string Wanted =
        """
        (@warehouse::text is null or warehouse = @warehouse) and (@only::text[] is null or warehouse = any(@only)) and (@kind::text is null or kind = @kind) and (@before::bigint is null or id < @before)
        and (@from::timestamptz is null or created_at >= @from) and (@until::timestamptz is null or created_at < @until)
        and (@number::text is null or id::text = @number)
        and (@text::text is null or id::text = @text or position(lower(@text) in lower(concat_ws(chr(10), warehouse, actor, error))) > 0)
        """;

    private const string MetRejects = "exists (select 1 from run_steps where run = runs.id and rejects > 0)";

    private const string Columns =
        """
        id, warehouse, kind, state, error, actor, created_at as CreatedAt, started_at as StartedAt, finished_at as FinishedAt,
        cancel_asked as CancelAsked, revision, waits_for as WaitsFor, asks, asked_at as AskedAt, answer, answered_by as AnsweredBy,
        answered_at as AnsweredAt, answer_why as AnswerWhy, star, chain, mode, snapshot, base, new_files as NewFiles,
        case when state = 'queued' then (select count(*)::integer from runs ahead where ahead.state = 'queued' and ahead.job <= runs.job) end as Place
        """;

    public async Task<RunView?> FindAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await FindAsync(db, run, ct);
    }

    public static async Task<RunView?> FindAsync(NpgsqlConnection db, long run, CancellationToken ct) =>
        (await ReadAsync(db, $"select {Columns} from runs where id = @run", new { run }, ct)).SingleOrDefault();

    public async Task<Page<RunView>> HistoryAsync(RunFilter filter, CancellationToken ct)
    {
        const string Where = $"from runs where {Wanted} and (@state::text is null or state = @state) and (not @WithRejects or {MetRejects})";
        var size = Math.Clamp(filter.Size, 1, RunFilter.MostOnAPage);
        var number = Math.Max(filter.Page, 1);
        var values = Values(filter);
        values.Add("state", filter.State?.Word());
        values.Add("WithRejects", filter.WithRejects);
        values.Add("size", size);
        values.Add("skip", (long)(number - 1) * size);
        var order = filter.Order == RunOrder.Longest ? "coalesce(finished_at, now()) - started_at desc nulls last, id desc" : "id desc";
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var total = await db.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) {Where}", values, cancellationToken: ct));
        var items = await ReadAsync(db, $"select {Columns} {Where} order by {order} limit @size offset @skip", values, ct);
        return new Page<RunView>(items, total, number, size);
    }

    public async Task<RunTally> TallyAsync(RunFilter filter, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var states = (await db.QueryAsync<(string State, long Runs, long WithRejects)>(new CommandDefinition(
            $"select state, count(*), count(*) filter (where {MetRejects}) from runs where {Wanted} group by state", Values(filter),
            cancellationToken: ct))).AsList();
        return new RunTally(states.ToDictionary(static s => Words.Parse<RunState>(s.State), static s => s.Runs),
            states.Sum(static s => s.WithRejects));
    }

    public async Task<IReadOnlyList<RunView>> OfKindsAsync(string warehouse, IReadOnlyList<RunKind> kinds, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await ReadAsync(
            db, $"select {Columns} from runs where warehouse = @warehouse and kind = any(@kinds) order by id",
            new { warehouse, kinds = kinds.Select(static k => k.Word()).ToArray() }, ct);
    }

    public async Task<IReadOnlyList<RunView>> LatestAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await ReadAsync(
            db, $"select {Columns} from runs where id in (select max(id) from runs group by warehouse, kind) order by id desc", new { },
            ct);
    }

    /// <summary>The runs of some chains, in the order they were asked for.</summary>
    public static async Task<IReadOnlyList<RunView>> OfChainsAsync(NpgsqlConnection db, IReadOnlyList<long> chains, CancellationToken ct) =>
        await ReadAsync(db, $"select {Columns} from runs where chain = any(@chains) order by id", new { chains = chains.ToArray() }, ct);

    /// <summary>Whether a chain is at work.</summary>
    public static Task<bool> IsChainAtWorkAsync(NpgsqlConnection db, long chain, CancellationToken ct) =>
        db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from chains where id = @chain and state = 'running')", new { chain }, cancellationToken: ct));

    /// <summary>How many runs have not ended: that are queued, work, wait for something outside, or ask a person.</summary>
    public async Task<IReadOnlyList<(string State, long Runs)>> OpenAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await db.QueryAsync<(string, long)>(new CommandDefinition(
            $"""
            select state, count(open.state)
            from   unnest(array['queued', 'running', 'waiting', 'needsdecision']) as named(state)
            left join (select case when state = 'running' and waits_for is not null then 'waiting' else state end as state
                       from runs where {Active} or state = 'needsdecision') open using (state)
            group by state
            """, cancellationToken: ct))).AsList();
    }

    /// <summary>The queued runs, the next one first.</summary>
    public async Task<IReadOnlyList<RunView>> QueuedAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await ReadAsync(db, $"select {Columns} from runs where state = 'queued' order by job", new { }, ct);
    }

    /// <summary>The active run of a warehouse; none when it has none.</summary>
    public async Task<RunView?> ActiveAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await ReadAsync(db, $"select {Columns} from runs where warehouse = @warehouse and {Active}", new { warehouse }, ct))
            .SingleOrDefault();
    }

    /// <summary>Every active run with the job that carries it, those without one first, then in the jobs' order.</summary>
    public async Task<IReadOnlyList<(long Run, string Warehouse, long? Job)>> ActiveAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await db.QueryAsync<(long, string, long?)>(new CommandDefinition(
            $"select id, warehouse, job from runs where {Active} order by job nulls first, id", cancellationToken: ct))).AsList();
    }

    /// <summary>The warehouse of a run that has not ended; none when it has.</summary>
    public async Task<string?> ActiveWarehouseAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<string?>(new CommandDefinition(
            $"select warehouse from runs where id = @run and {Active}", new { run }, cancellationToken: ct));
    }

    /// <summary>Whether someone has asked to cancel a run.</summary>
    public async Task<bool> CancelAskedAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(
            new CommandDefinition("select cancel_asked from runs where id = @run", new { run }, cancellationToken: ct));
    }

    /// <summary>Who has asked to cancel a run; none when nobody has.</summary>
    public async Task<string?> CancelAskedByAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select coalesce(cancel_by, 'somebody') from runs where id = @run and cancel_asked", new { run }, cancellationToken: ct));
    }

    /// <summary>Whether a run has not ended; carried by a certain job, when one is given.</summary>
    public static Task<bool> IsActiveAsync(NpgsqlConnection db, long run, CancellationToken ct, long? job = null) =>
        db.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"select exists (select 1 from runs where id = @run and (@job::bigint is null or job = @job) and {Active} for update)",
            new { run, job }, cancellationToken: ct));

    /// <summary>The number of the active run of a warehouse; none when it has none.</summary>
    public static Task<long?> ActiveOfAsync(NpgsqlConnection db, string warehouse, CancellationToken ct) =>
        db.ExecuteScalarAsync<long?>(new CommandDefinition(ActiveOfWarehouse, new { warehouse }, cancellationToken: ct));

    /// <summary>Where some runs stand.</summary>
    public static async Task<IReadOnlyDictionary<long, RunState>> StatesAsync(
        NpgsqlConnection db, IReadOnlyList<long> runs, CancellationToken ct) =>
        (await db.QueryAsync<(long Id, string State)>(new CommandDefinition(
            "select id, state from runs where id = any(@ids)", new { ids = runs.ToArray() }, cancellationToken: ct)))
        .ToDictionary(static r => r.Id, static r => Words.Parse<RunState>(r.State));

    /// <summary>
    /// Whether a run that succeeds ends a failure: its own before a retry, or that of the run of its kind on its warehouse before it.
    /// </summary>
    public static Task<bool> RecoversAsync(NpgsqlConnection db, long run, CancellationToken ct) =>
        db.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select has_failed or coalesce((
                select before.state = 'failed' from runs before
                where  before.warehouse = runs.warehouse and before.kind = runs.kind and before.id < runs.id
                       and before.state in ('succeeded', 'failed')
                order by before.id desc limit 1), false)
            from   runs where id = @run
            """,
            new { run }, cancellationToken: ct));

    /// <summary>The runs of a warehouse that need a decision.</summary>
    public static async Task<IReadOnlyList<long>> AskingAsync(NpgsqlConnection db, string warehouse, CancellationToken ct) =>
        (await db.QueryAsync<long>(new CommandDefinition(
            $"{OfWarehouse} and state = 'needsdecision' for update", new { warehouse }, cancellationToken: ct))).AsList();

    /// <summary>Whether a run has given its worker up and waits.</summary>
    public static Task<bool> IsWaitingAsync(
        NpgsqlConnection db, long run, CancellationToken ct) => db.ExecuteScalarAsync<bool>(new CommandDefinition(
        "select waits_for is not null from runs where id = @run and state = 'running' for update", new { run }, cancellationToken: ct));

    /// <summary>
    /// The latest load of a warehouse, or the run that is asked for when it is one of the warehouse's loads or checks of files; none when
    /// there
    /// is no such run.
    /// </summary>
    public static Task<long?> FindLoadAsync(NpgsqlConnection db, string warehouse, long? run, CancellationToken ct) =>
        db.ExecuteScalarAsync<long?>(new CommandDefinition(
            "select max(id) from runs where warehouse = @warehouse and (kind = 'load' or kind = 'check' and id = @run) and (id = @run or @run::bigint is null and coalesce(new_files, 1) > 0)",
            new { warehouse, run }, cancellationToken: ct));

    /// <summary>The chain of a warehouse's latest run of a kind; none when that is of none.</summary>
    public static Task<long?> LatestChainAsync(NpgsqlConnection db, string warehouse, RunKind kind, CancellationToken ct) =>
        db.ExecuteScalarAsync<long?>(new CommandDefinition(
            "select chain from runs where warehouse = @warehouse and kind = @kind order by id desc limit 1",
            new { warehouse, kind = kind.Word() }, cancellationToken: ct));

    /// <summary>Whether two loads read their source by the same rules; no, when one's are not known.</summary>
    public static Task<bool> ReadAlikeAsync(NpgsqlConnection db, long one, long other, CancellationToken ct) =>
        db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select count(rules) = 2 and count(distinct rules) = 1 from runs where id in (@one, @other)", new { one, other },
            cancellationToken: ct));

    /// <summary>What a load adds to a star; none when it builds one of its own.</summary>
    public static Task<RunAddition?> AdditionAsync(NpgsqlConnection db, long run, CancellationToken ct) =>
        db.QuerySingleOrDefaultAsync<RunAddition>(new CommandDefinition(
            "select base as Star, new_files as Files from runs where id = @run and base is not null", new { run }, cancellationToken: ct));

    /// <summary>What a run does, for operators, such as "Load sample".</summary>
    public static Task<string?> TitleAsync(
        NpgsqlConnection db, long run, CancellationToken ct) => db.ExecuteScalarAsync<string>(new CommandDefinition(
        "select case kind when 'putback' then 'Put back' when 'export' then 'Save reports of' else initcap(kind) end || ' ' || warehouse from runs where id = @run", new { run }, cancellationToken: ct));

    public async Task<IReadOnlyList<StepAttempt>> AttemptsAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<StepRow>(new CommandDefinition(
            "select name, attempt, state, started_at as StartedAt, finished_at as FinishedAt, message from run_steps where run = @run order by ordinal, attempt",
            new { run }, cancellationToken: ct));
        return [.. rows.Select(
            r => new StepAttempt(r.Name, r.Attempt, Words.Parse<StepState>(r.State), At(r.StartedAt), At(r.FinishedAt), r.Message))];
    }

    public async Task<IReadOnlyList<RunLogLine>> LogAsync(long run, int after, int most, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<LogRow>(new CommandDefinition(
            """
            select * from (
                select sequence, at, level, step, attempt, message from run_log
                where  run = @run and sequence > @after order by sequence desc limit @most) latest
            order by sequence
            """,
            new { run, after, most }, cancellationToken: ct));
        return [.. rows.Select(r => ToLine(run, r))];
    }

    /// <summary>Every line there is, as the server sends them.</summary>
    public async IAsyncEnumerable<RunLogLine> WholeLogAsync(long run, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = db.QueryUnbufferedAsync<LogRow>(
            "select sequence, at, level, step, attempt, message from run_log where run = @run order by sequence", new { run });
        await foreach (var row in rows.WithCancellation(ct))
        {
            yield return ToLine(run, row);
        }
    }

    private static DynamicParameters Values(RunFilter filter) => new(new
    {
        warehouse = filter.Warehouse,
        only = filter.Only?.ToArray(),
        kind = filter.Kind?.Word(),
        before = filter.Before,
        from = filter.From?.UtcDateTime,
        until = filter.Until?.UtcDateTime,
        // With a # it is a number and nothing else.
        number = filter.Text?.Trim() is ['#', .. var number] ? number : null,
        text = filter.Text?.Trim() is [not '#', ..] text ? text : null,
    });

    private static async Task<List<RunView>> ReadAsync(NpgsqlConnection db, string sql, object values, CancellationToken ct)
    {
        var runs = (await db.QueryAsync<RunRow>(new CommandDefinition(sql, values, cancellationToken: ct))).AsList();
        var steps = (await db.QueryAsync<StepRow>(new CommandDefinition(
            """
            select distinct on (run, ordinal)
                   run, name, title, state, attempt, rows, bytes, files, total_bytes as TotalBytes, total_files as TotalFiles, rejects, warnings, share,
                   row_rate as RowRate, started_at as StartedAt, finished_at as FinishedAt, message
            from   run_steps where run = any(@ids) order by run, ordinal, attempt desc
            """,
            new { ids = runs.Select(r => r.Id).ToArray() }, cancellationToken: ct))).ToLookup(s => s.Run);
        return [.. runs.Select(r => new RunView(
            r.Id, r.Warehouse, Words.Parse<RunKind>(r.Kind), Words.Parse<RunState>(r.State), r.Error, r.Actor,
            At(r.CreatedAt)!.Value, At(r.StartedAt), At(r.FinishedAt), r.CancelAsked, [.. steps[r.Id].Select(ToView)], r.Revision)
        {
            WaitsFor = r.WaitsFor,
            Place = r.Place,
            Star = r.Star,
            Adds = r.Base is { } star && r.NewFiles is { } files ? new RunAddition(star, files) : null,
            Snapshot = r.Snapshot,
            Mode = r.Mode is null ? null : Words.Parse<LoadMode>(r.Mode),
            Chain = r.Chain,
            Decision = r.Asks is null ? null : new RunDecision(
                r.Asks, At(r.AskedAt)!.Value, r.Answer is null ? null : Words.Parse<RunAnswer>(r.Answer), r.AnsweredBy, At(r.AnsweredAt),
                r.AnswerWhy),
        })];
    }

    private static StepView ToView(StepRow s) => new(
        s.Name, s.Title, Words.Parse<StepState>(s.State), s.Attempt, s.Rows, s.Bytes, s.Files, s.TotalBytes, s.TotalFiles, s.Rejects,
        s.Share, s.RowRate, At(s.StartedAt), At(s.FinishedAt), s.Message)
    {
        Warnings = s.Warnings,
    };

    private static RunLogLine ToLine(long run, LogRow r) =>
        new(run, r.Sequence, At(r.At)!.Value, Words.Parse<RunLogLevel>(r.Level), r.Step, r.Attempt, r.Message);

    private static DateTimeOffset? At(DateTime? utc) => utc is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null;

    private sealed class RunRow
    {
        public long Id { get; init; }
        public string Warehouse { get; init; } = "";
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public string? Error { get; init; }
        public string Actor { get; init; } = "";
        public DateTime CreatedAt { get; init; }
        public DateTime? StartedAt { get; init; }
        public DateTime? FinishedAt { get; init; }
        public bool CancelAsked { get; init; }
        public long? Star { get; init; }
        public string? Mode { get; init; }
        public string? Snapshot { get; init; }
        public long? Base { get; init; }
        public long? NewFiles { get; init; }
        public long? Chain { get; init; }
        public long Revision { get; init; }
        public string? WaitsFor { get; init; }
        public int? Place { get; init; }
        public string? Asks { get; init; }
        public DateTime? AskedAt { get; init; }
        public string? Answer { get; init; }
        public string? AnsweredBy { get; init; }
        public DateTime? AnsweredAt { get; init; }
        public string? AnswerWhy { get; init; }
    }

    private sealed class StepRow
    {
        public long Run { get; init; }
        public string Name { get; init; } = "";
        public string Title { get; init; } = "";
        public string State { get; init; } = "";
        public int Attempt { get; init; }
        public long? Rows { get; init; }
        public long? Bytes { get; init; }
        public long? Files { get; init; }
        public long? TotalBytes { get; init; }
        public long? TotalFiles { get; init; }
        public long? Rejects { get; init; }
        public long? Warnings { get; init; }
        public double? Share { get; init; }
        public double? RowRate { get; init; }
        public DateTime? StartedAt { get; init; }
        public DateTime? FinishedAt { get; init; }
        public string? Message { get; init; }
    }

    private sealed class LogRow
    {
        public int Sequence { get; init; }
        public DateTime At { get; init; }
        public string Level { get; init; } = "";
        public string? Step { get; init; }
        public int? Attempt { get; init; }
        public string Message { get; init; } = "";
    }
}
