using System.Text;
using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports;

/// <summary>The canned reports, cached per published star.</summary>
internal sealed class CannedReports(
    IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseUse use, ITables tables, IStore store, QueryPlaces places,
    TimeProvider clock) : IReports
{
    private const int MostRows = 1000;
    private const int MostCached = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CsvLimit = TimeSpan.FromMinutes(30);

    private readonly AnswerCache<ReportResult> _cache = new(MostCached, static r => r.Version.Run);

    public IReadOnlyList<ReportInfo> Catalogue { get; } = [.. ReportCatalog.All.Select(r => r.Info)];

    public ReportInfo Get(string id) => Find(id).Info;

    public async Task<ReportResult> RunAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, CancellationToken ct, bool fresh = false)
    {
        var report = Find(id);
        var arguments = ReportArguments.Parse(report.Info, parameters);
        var (place, version) = await PublishedAsync(warehouse, ct);
        var (result, found) = await _cache.GetAsync(
            new AnswerKey(warehouse, version.Run, id, arguments.Key), stop =>
                ComputeAsync(report, arguments, place, version, stop), fresh, ct);
        return result with { Cached = found };
    }

    public async Task<DrillPage> DrillAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, string?> mark,
        int page, int size, Actor actor, CancellationToken ct)
    {
        var report = Find(id);
        var arguments = ReportArguments.Parse(report.Info, parameters);
        var drill = new ReportDrill(report, mark);
        (page, size) = (Math.Clamp(page, 1, IReports.MostPages), Math.Clamp(size, 1, IReports.MostOnAPage));
        var (published, _) = await PublishedAsync(warehouse, ct);
        using var place = places.Enter(actor);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, place.Ended);
        try
        {
            await use.QueriedAsync(warehouse, either.Token);
            await using var reader = await WarehouseReader.OpenAsync(databases, published, Limit, either.Token);
            place.WorksBy(QueryBackend.Of(published, reader.Pid));
            return new DrillPage(report.RowColumns, await PageAsync(reader, drill, arguments, page, size, either.Token));
        }
        catch (Exception ex) when (place.Why is not null)
        {
            throw place.Refusal(ex);
        }
    }

    public async Task<PlayDays?> DaysAsync(string warehouse, CancellationToken ct)
    {
        var spans = await RunAsync(warehouse, "first-and-last", new Dictionary<string, string?>(), ct);
        return spans.Rows.First(static r => r[0] is "plays") is [_, _, DateTime first, DateTime last]
            ? new PlayDays(DateOnly.FromDateTime(first), DateOnly.FromDateTime(last))
            : null;
    }

    public async Task<ReportTrust?> TrustAsync(string warehouse, CancellationToken ct)
    {
        var place = await warehouses.GetAsync(warehouse, ct);
        if (place is not { PublishedRun: { } run, PublishedAt: { } at })
        {
            return null;
        }

        var plays = await tables.PlaysAsync(warehouse, ct);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var (passed, all, rejected, leftOut, words, missed, failed) =
            await db.QuerySingleAsync<(int, int, long, long?, string?, bool?, long?)>(new CommandDefinition(
            """
            with judged as (
                -- What one load found of its records is in the star until all is loaded anew; how it was beside the star of before is not.
                select bool_and(outcome = 'passed') as passed from checks
                where  run in (select loads_of_star(@run)) and (run = @run or name <> 'near_the_published') group by name)
            select (select count(*)::int from judged where passed), (select count(*)::int from judged),
                   (select count(*) from rejects where run in (select loads_of_star(@run)) and part = 'events' and not of_file),
                   sum(left_out)::bigint, string_agg(nullif(left_out_words, ''), '; ' order by part), bool_or(may_be_missed),
                   (select sum(failed_files)::bigint from load_parts where run in (select loads_of_star(@run)))
            from   load_parts where run = @run
            """, new { run }, cancellationToken: ct));
        return new ReportTrust(new DataVersion(run, at, place.PutBackBy), plays, rejected, passed, all)
        {
            FilesLeftOut = leftOut,
            LeftOutWords = words,
            LeftOutMayBeMissed = missed == true,
            FilesFailed = failed,
            Stale = place.Stale(clock.GetUtcNow()),
        };
    }

    public async Task<ICsvSource> OpenCsvAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, string?>? mark,
        Actor actor, CancellationToken ct)
    {
        var report = Find(id);
        var arguments = ReportArguments.Parse(report.Info, parameters);
        var drill = mark is null ? null : new ReportDrill(report, mark);
        var (published, version) = await PublishedAsync(warehouse, ct);
        var place = places.Enter(actor);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, place.Ended);
        ct = either.Token;
        place.EndsAfter(CsvLimit);
        WarehouseReader? reader = null;
        try
        {
            await use.QueriedAsync(warehouse, ct);
            reader = await WarehouseReader.OpenAloneAsync(databases, published, CsvLimit, ct);
            place.WorksBy(QueryBackend.Of(published, reader.Pid));
            version = At(version, reader.Run);
            var command = reader.Command(drill?.AllSql ?? report.Sql);
            arguments.Bind(command);
            drill?.Bind(command);
            var rows = await reader.ReadAsync(command, ct);
            List<string> notes =
            [
                $"{report.Info.Title}: {report.Info.Question}", .. drill is null
                    ? []
                    : new[] { $"Rows behind: {string.Join(", ", mark!.Select(m => $"{m.Key} = {m.Value}"))}" },
                $"Leaves out: {report.Info.Excludes}", $"Warehouse: {warehouse}", $"Parameters: {Shown(arguments)}",
                $"Data: published by run {version.Run} at {version.PublishedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
                $"Written: {clock.GetUtcNow().UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
            ];
            var name = $"{warehouse}-{id}{(drill is null ? "" : "-rows")}.csv";
            return new Csv.ReportCsv(name, notes, command, rows, reader, place);
        }
        catch (Exception ex)
        {
            await place.LeaveAsync(reader); // the caller never gets them
            if (place.Why is not null)
            {
                throw place.Refusal(ex);
            }

            throw;
        }
    }

    private static Report Find(string id) => ReportCatalog.All.FirstOrDefault(r => r.Info.Id == id)
        ?? throw SparkifyException.NotFound(
            $"There is no report '{id}'. There are: {string.Join(", ", ReportCatalog.All.Select(r => r.Info.Id))}.");

    private async Task<(Warehouse Warehouse, DataVersion Version)> PublishedAsync(string name, CancellationToken ct)
    {
        var warehouse = await warehouses.GetAsync(name, ct);
        return warehouse is { PublishedRun: { } run, PublishedAt: { } at }
            ? (warehouse, new DataVersion(run, at))
            : throw SparkifyException.Conflict($"Nothing has been published in '{name}' yet. Load it first.");
    }

    private static async Task<Page<IReadOnlyList<object?>>> PageAsync(
        WarehouseReader reader, ReportDrill drill, ReportArguments arguments, int page, int size, CancellationToken ct)
    {
        await using var count = reader.Command(drill.CountSql);
        arguments.Bind(count);
        drill.Bind(count);
        var total = (long)(await reader.RowsAsync(count, 1, ct)).Rows[0][0]!;
        await using var rows = reader.Command(drill.PageSql);
        arguments.Bind(rows);
        drill.Bind(rows);
        rows.Parameters.AddWithValue("limit", size);
        rows.Parameters.AddWithValue("offset", (long)(page - 1) * size);
        return new Page<IReadOnlyList<object?>>((await reader.RowsAsync(rows, size, ct)).Rows, total, page, size);
    }

    private async Task<ReportResult> ComputeAsync(
        Report report, ReportArguments arguments, Warehouse warehouse, DataVersion version, CancellationToken ct)
    {
        await use.QueriedAsync(warehouse.Name, ct);
        await using var reader = await WarehouseReader.OpenAsync(databases, warehouse, Limit, ct);
        var sql = report.Sql;
        await using var command = reader.Command(sql);
        arguments.Bind(command);
        var (rows, more, took) = await reader.RowsAsync(command, MostRows, ct);
        return new ReportResult(
            report.Info, warehouse.Name, arguments.Shown, rows, more, WithValues(sql, arguments), took, At(
                version, reader.Run), clock.GetUtcNow(), false);
    }

    // Between a publish and its entry in the registry the star is newer than the registry says.
    private DataVersion At(DataVersion known, long? read) =>
        read is { } run && run != known.Run ? new DataVersion(run, clock.GetUtcNow()) : known;

    private static string WithValues(string sql, ReportArguments arguments)
    {
        var text = new StringBuilder();
        foreach (var argument in arguments.Shown)
        {
            text.Append("-- ").Append(argument.Name == "to" ? "@until (the day after 'to')" : $"@{argument.Name}").Append(" = ")
                .Append(argument.Value ?? "null").Append('\n');
        }

        return text.Append(sql).ToString();
    }

    private static string Shown(ReportArguments arguments) =>
        arguments.Shown.Count == 0 ? "none" : string.Join(", ", arguments.Shown.Select(a => $"{a.Name} = {a.Value ?? "any"}"));
}
