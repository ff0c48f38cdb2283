using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses.Profiles;

/// <summary>Profiles by one or two statements per table, kept as long as what they were taken from is published.</summary>
internal sealed class TableProfiles(
    IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseUse use, TimeProvider clock) : ITableProfiles
{
    private const int SampleRows = 20;
    private const int SampleText = 1000;
    private const int MostKept = 100;
    private const int MostAnswers = 10_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly AnswerCache<TableProfile> _cache = new(MostKept, static p => p.Run);

    public async Task<TableProfile> ProfileAsync(string warehouse, string table, CancellationToken ct)
    {
        var (described, info) = await FindAsync(warehouse, table, ct);
        var key = new AnswerKey(warehouse, described.PublishedRun!.Value, table);
        return (await _cache.GetAsync(key, stop => ComputeAsync(described, info, stop), fresh: false, ct)).Result;
    }

    public async Task<TableSample> SampleAsync(string warehouse, string table, CancellationToken ct)
    {
        var (described, info) = await FindAsync(warehouse, table, ct);
        var sql = ProfileSql.Sample(info, described.Schemas.Published, SampleRows, SampleText);
        var (rows, _) = await ReadAsync(described, sql, SampleRows, ct);
        return new TableSample([.. info.Columns.Select(c => c.Name)], [.. rows.Select(static r => r.Select(Shown).ToList())]);
    }

    private async Task<TableProfile> ComputeAsync(Warehouse warehouse, TableInfo table, CancellationToken ct)
    {
        var (answers, run) = await AnswersAsync(warehouse, table, ct);
        var rows = answers.ConvertAll(static r => new ProfileRow(
            (long)r[0]!, (long)r[1]!, (string?)r[2], (string?)r[3], (long)r[4]!, (long)r[5]!));
        var total = rows.Single(r => r.Kind == 3).First;
        return new TableProfile(table.Table, run ?? warehouse.PublishedRun!.Value, clock.GetUtcNow(),
            [.. table.Columns.Select((column, at) => Read(column, total, [.. rows.Where(r => r.Column == at)]))]);
    }

    // Grouping a column is work for one core, and what cannot be shared among workers. On a cluster all nodes share it anyway.
    private async Task<(List<IReadOnlyList<object?>> Rows, long? Run)> AnswersAsync(
        Warehouse warehouse, TableInfo table, CancellationToken ct)
    {
        var parts = warehouse.Target == WarehouseTarget.Local ? Math.Min(2, table.Columns.Count) : 1;
        while (true)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, parts).Select(
                part => ReadAsync(warehouse, ProfileSql.For(table, warehouse.Schemas.Published, part, parts), MostAnswers, ct)));
            if (answers.All(a => a.Run == answers[0].Run))
            {
                return ([.. answers.SelectMany(static a => a.Rows)], answers[0].Run);
            }

            // Something was published between the two.
        }
    }

    private static ColumnProfile Read(TableColumn column, long rows, List<ProfileRow> answers)
    {
        var summary = answers.Single(a => a.Kind == 0);
        return new ColumnProfile(
            column.Name, rows, summary.Second, summary.First, summary.A, summary.B,
            [.. answers.Where(a => a.Kind == 1).OrderByDescending(a => a.First).Select(a => new ValueCount(a.A!, a.First))],
            Histogram(column, [.. answers.Where(a => a.Kind == 2)]));
    }

    // Parts that hold no row are not in the answer, but belong in the picture.
    private static IReadOnlyList<HistogramBin> Histogram(TableColumn column, List<ProfileRow> parts)
    {
        if (parts.Count == 0)
        {
            return [];
        }

        var (low, high) = (double.Parse(
            parts[0].A!, CultureInfo.InvariantCulture), double.Parse(parts[0].B!, CultureInfo.InvariantCulture));
        var counts = parts.ToDictionary(p => p.First, p => p.Second);
        return high > low
            ? [.. Enumerable.Range(0, ProfileSql.Bins)
                .Select(bin => new HistogramBin(Edge(bin), Edge(bin + 1), counts.GetValueOrDefault(bin)))]
            : [new HistogramBin(Edge(0), Edge(0), counts.GetValueOrDefault(0))];

        string Edge(int bin)
        {
            var at = low + ((high - low) / ProfileSql.Bins * bin);
            return column.Type == "timestamp"
                ? DateTime.UnixEpoch.AddSeconds(Math.Clamp(at, -62_135_596_800, 253_402_300_799))
                    .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)
                : at.ToString("G6", CultureInfo.InvariantCulture);
        }
    }

    private async Task<(Warehouse Warehouse, TableInfo Table)> FindAsync(string warehouse, string table, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        var tables = TableCatalogue.On(described.Target);
        var info = tables.FirstOrDefault(t => t.Table == table) ?? throw SparkifyException.NotFound(
            $"A warehouse has no table '{table}'. There are: {string.Join(", ", tables.Select(t => t.Table))}.");
        return described is { State: WarehouseState.Available, PublishedRun: not null }
            ? (described, info)
            : throw SparkifyException.Conflict($"Nothing is published in '{warehouse}' at the moment. Load it first.");
    }

    private async Task<(List<IReadOnlyList<object?>> Rows, long? Run)> ReadAsync(
        Warehouse warehouse, string sql, int most, CancellationToken ct)
    {
        await use.QueriedAsync(warehouse.Name, ct);
        await using var reader = await WarehouseReader.OpenAsync(databases, warehouse, Limit, ct);
        await using var command = reader.Command(sql);
        return ((await reader.RowsAsync(command, most, ct)).Rows, reader.Run);
    }

    private static string? Shown(object? value) => value switch
    {
        null => null,
        string text => text.Length <= SampleText ? text : string.Concat(text.AsSpan(0, SampleText), "…"),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private sealed record ProfileRow(long Column, long Kind, string? A, string? B, long First, long Second);
}
