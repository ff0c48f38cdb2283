using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>Rejects and check results in the store, where they outlive the build that met them.</summary>
internal sealed class LoadRecords(IStore store, IWarehouses warehouses) : ILoadRecords
{
    // Everybody who watches a load reads its checks at the moment they are there.
    private readonly SharedRead<(string Warehouse, long? Run), IReadOnlyList<CheckResult>> _checks =
        new(asked => ReadChecksAsync(store, asked.Warehouse, asked.Run));

    private static readonly string Chosen =
        "from rejects where run = @run and (@part::text is null or part = @part) " +
        $"and (@reason::text is null or {RejectReasons.KindSql} = @reason)";

    private const string Place = """part, file collate "C", line, offs""";

    private const string PlaceDown = """part desc, file collate "C" desc, line desc, offs desc""";

    private static string Listed(RejectOrder order) => $"select run, part, file, line, offs, col, reason, raw {Chosen} order by " + order switch
    {
        RejectOrder.Place => Place,
        RejectOrder.PlaceDown => PlaceDown,
        RejectOrder.Reason => $"""reason collate "C", {Place}""",
        RejectOrder.ReasonDown => $"""reason collate "C" desc, {PlaceDown}""",
        _ => throw new System.Diagnostics.UnreachableException($"No order {order}."),
    };

    public async Task<Page<Reject>> RejectsAsync(string warehouse, RejectFilter filter, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var run = await FindLoadAsync(db, warehouse, filter.Run, ct);
        var size = Math.Clamp(filter.Size, 1, RejectFilter.MostOnAPage);
        var number = Math.Max(filter.Page, 1);
        var values = new { run, part = filter.Part?.Word(), reason = filter.Reason, size, skip = (long)(number - 1) * size };
        var total = await db.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) {Chosen}", values, cancellationToken: ct));
        var rows = await db.QueryAsync<RejectRow>(new CommandDefinition($"{Listed(filter.Order)} limit @size offset @skip", values,
            cancellationToken: ct));
        return new Page<Reject>([.. rows.Select(static r => r.ToReject())], total, number, size);
    }

    public async IAsyncEnumerable<Reject> AllRejectsAsync(
        string warehouse, RejectFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var run = await FindLoadAsync(db, warehouse, filter.Run, ct);
        await foreach (var row in db.QueryUnbufferedAsync<RejectRow>(
            Listed(filter.Order), new { run, part = filter.Part?.Word(), reason = filter.Reason }).WithCancellation(ct))
        {
            yield return row.ToReject();
        }
    }

    public async Task<IReadOnlyList<RejectReason>> ReasonsAsync(string warehouse, long? run, SourcePart? part, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var load = await FindLoadAsync(db, warehouse, run, ct);
        var rows = await db.QueryAsync<(string Kind, long Records, long Files, string[] Parts)>(new CommandDefinition(
            $"""
            select {RejectReasons.KindSql} kind, count(*), count(distinct (part, file)), array_agg(distinct part order by part) {Chosen}
            group by 1 order by 2 desc, 1
            """,
            new { run = load, part = part?.Word(), reason = (string?)null }, cancellationToken: ct));
        return [.. rows.Select(static r => new RejectReason(
            r.Kind, RejectReasons.Remedy(r.Kind), r.Records, r.Files, [.. r.Parts.Select(Words.Parse<SourcePart>)]))];
    }

    public async Task<IReadOnlyList<CheckResult>> ChecksAsync(string warehouse, long? run, CancellationToken ct)
    {
        await warehouses.GetAsync(warehouse, ct);
        return await _checks.ReadAsync((warehouse, run), ct);
    }

    /// <summary>What about the star of a load a person must decide, as sentences; none when nothing.</summary>
    public async Task<string?> AskAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select string_agg(detail, ' ' order by ordinal) from checks where run = @run and outcome = @asks",
            new { run, asks = CheckOutcome.NeedsDecision.Word() }, cancellationToken: ct));
    }

    /// <summary>
    /// Texts in their composed Unicode form (NFC). The store's server knows it; the application runs without that part of Unicode, and
    /// Redshift has nothing like it.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> ComposedAsync(IReadOnlyCollection<string> texts, CancellationToken ct)
    {
        Dictionary<string, string> composed = new(StringComparer.Ordinal);
        if (texts.Count == 0)
        {
            return composed;
        }

        await using var db = await store.Database.OpenConnectionAsync(ct);
        foreach (var (text, form) in await db.QueryAsync<(string, string)>(new CommandDefinition(
            "select text, normalize(text, NFC) from unnest(@texts) text where text is not nfc normalized",
            new { texts = texts.ToArray() }, commandTimeout: 0, cancellationToken: ct)))
        {
            composed[text] = form;
        }

        return composed;
    }

    /// <summary>What a load adds to a star; none when it reads the whole source.</summary>
    public async Task<RunAddition?> AdditionAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await RunQueries.AdditionAsync(db, run, ct);
    }

    /// <summary>
    /// Begins the books of a load: by what rules it reads its source, and nothing of what an earlier attempt had found.
    /// </summary>
    public async Task BeginAsync(StepContext step, ISource source, bool truncates, CancellationToken ct)
    {
        var paths = await source.ReadJsonPathsAsync(ct) ?? [];
        var rules = $"{Convert.ToHexStringLower(SHA256.HashData(paths))} {(truncates ? "cut" : "whole")}";
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await RunLedger.ReadsByAsync(db, step.Run, rules, ct);
        // What was found of another star is nothing to ask about.
        await db.ExecuteAsync(new CommandDefinition("delete from checks where run = @Run", new { step.Run }, cancellationToken: ct));
        await SetAdditionAsync(db, step, addition: null, ct);
    }

    /// <summary>Whether two loads read their source by the same rules, as far as is known.</summary>
    public async Task<bool> AreReadAlikeAsync(long one, long other, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await RunQueries.ReadAlikeAsync(db, one, other, ct);
    }

    /// <summary>Keeps, and shows, what a load adds to a star.</summary>
    public async Task SetAdditionAsync(StepContext step, RunAddition addition, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await SetAdditionAsync(db, step, addition, ct);
    }

    private static async Task<IReadOnlyList<CheckResult>> ReadChecksAsync(IStore store, string warehouse, long? run)
    {
        await using var db = await store.Database.OpenConnectionAsync();
        var rows = await db.QueryAsync<(string Name, string Question, string Outcome, long Found, string? Detail)>(
            $"""
            select name, question, outcome, found, detail from checks
            where  run = coalesce(@run, (select max(c.run) from checks c where c.run in ({RunQueries.OfWarehouse})))
               and run in ({RunQueries.OfWarehouse})
            order  by ordinal
            """,
            new { warehouse, run });
        return [.. rows.Select(static r => new CheckResult(r.Name, r.Question, Words.Parse<CheckOutcome>(r.Outcome), r.Found, r.Detail))];
    }

    private static async Task SetAdditionAsync(NpgsqlConnection db, StepContext step, RunAddition? addition, CancellationToken ct)
    {
        await RunLedger.AddsAsync(db, step.Run, addition, ct);
        step.Adds(addition);
    }

    /// <summary>Forgets the rejects of one part, before it is staged (again).</summary>
    public async Task ClearRejectsAsync(long run, SourcePart part, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "delete from rejects where run = @run and part = @part", new { run, part = part.Word() }, cancellationToken: ct));
    }

    /// <summary>Keeps a batch of rejects.</summary>
    public async Task AddRejectsAsync(long run, SourcePart part, IReadOnlyList<StagingReject> rejects, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var writer = await db.BeginBinaryImportAsync(
            "copy rejects (run, part, file, line, offs, col, reason, raw, of_file) from stdin (format binary)", ct);
        foreach (var reject in rejects)
        {
            await writer.StartRowAsync(ct);
            await writer.WriteAsync(run, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(part.Word(), NpgsqlDbType.Text, ct);
            await writer.WriteAsync(reject.File, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(reject.Line, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(reject.Offset, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(reject.Column, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(reject.Reason, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(reject.Raw, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(reject.OfFile, NpgsqlDbType.Boolean, ct);
        }

        await writer.CompleteAsync(ct);
    }

    /// <summary>Keeps what a load listed of a part, in place of what an earlier attempt listed.</summary>
    public async Task SetListedAsync(long run, SourcePart part, long files, LeftOutTally leftOut, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            insert into load_parts (run, part, files, left_out, left_out_words, may_be_missed)
            values (@run, @part, @files, @count, @words, @missed)
            on conflict (run, part) do update set files = excluded.files, left_out = excluded.left_out, failed_files = null,
                                                  left_out_words = excluded.left_out_words, may_be_missed = excluded.may_be_missed
            """,
            new
            {
                run,
                part = part.Word(),
                files,
                count = leftOut.Found.Sum(static o => o.Count),
                words = leftOut.ToString(),
                missed = leftOut.MayBeMissed,
            },
            cancellationToken: ct));
    }

    /// <summary>Keeps how many files of a part had not one good record.</summary>
    public async Task SetFailedAsync(long run, SourcePart part, long files, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "update load_parts set failed_files = @files where run = @run and part = @part", new { run, part = part.Word(), files },
            cancellationToken: ct));
    }

    /// <summary>Keeps the results of a run's checks in place of earlier ones.</summary>
    public async Task SetChecksAsync(long run, IReadOnlyList<CheckResult> results, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            with gone as (delete from checks where run = @run and ordinal > @count)
            insert into checks (run, ordinal, name, question, outcome, found, detail)
            select @run, * from unnest(@ordinals::integer[], @names::text[], @questions::text[], @outcomes::text[], @found::bigint[],
                                      @details::text[])
            on conflict (run, ordinal) do update set name = excluded.name, question = excluded.question, outcome = excluded.outcome,
                                                       found = excluded.found, detail = excluded.detail
            """,
            new
            {
                run,
                count = results.Count,
                ordinals = Enumerable.Range(1, results.Count).ToArray(),
                names = results.Select(r => r.Name).ToArray(),
                questions = results.Select(r => r.Question).ToArray(),
                outcomes = results.Select(r => r.Outcome.Word()).ToArray(),
                found = results.Select(r => r.Found).ToArray(),
                details = results.Select(r => r.Detail).ToArray(),
            },
            cancellationToken: ct));
    }

    private async Task<long?> FindLoadAsync(NpgsqlConnection db, string warehouse, long? asked, CancellationToken ct)
    {
        await warehouses.GetAsync(warehouse, ct);
        var run = await RunQueries.FindLoadAsync(db, warehouse, asked, ct);
        return run is null && asked is { } id
            ? throw SparkifyException.NotFound($"Run {id} is no load or check of the warehouse '{warehouse}'.")
            : run;
    }

    private sealed record RejectRow(long Run, string Part, string File, long Line, long Offs, string? Col, string Reason, string Raw)
    {
        public Reject ToReject() => new(Run, Words.Parse<SourcePart>(Part), File, Line, Offs, Col, Reason, Raw);
    }
}
