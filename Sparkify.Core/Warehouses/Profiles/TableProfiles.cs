using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses.Profiles;

/// <summary>Profiles by one statement per table, kept as long as what they were taken from is published.</summary>
internal sealed class TableProfiles(
    IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseUse use, TimeProvider clock) : ITableProfiles
{
    private const int SampleRows = 20;
    private const int SampleText = 1000;
    private const int PatienceSeconds = 120;

    private readonly ConcurrentDictionary<(string Warehouse, string Table), TableProfile> _kept = new();

    public async Task<TableProfile> ProfileAsync(string warehouse, string table, CancellationToken ct)
    {
        var (described, info) = await FindAsync(warehouse, table, ct);
        if (_kept.TryGetValue((warehouse, table), out var kept) && kept.Run == described.PublishedRun)
        {
            return kept;
        }

        var rows = await ReadAsync(described, ProfileSql.For(info, described.Schemas.Published), static reader => new ProfileRow(
            reader.GetInt32(0), reader.GetInt32(1), Text(reader, 2), Text(reader, 3), reader.GetInt64(4), reader.GetInt64(5)), ct);
        var total = rows.Single(r => r.Kind == 3).First;
        var profile = new TableProfile(table, described.PublishedRun!.Value, clock.GetUtcNow(),
            [.. info.Columns.Select((column, at) => Read(column, total, [.. rows.Where(r => r.Column == at)]))]);
        _kept[(warehouse, table)] = profile;
        return profile;
    }

    public async Task<TableSample> SampleAsync(string warehouse, string table, CancellationToken ct)
    {
        var (described, info) = await FindAsync(warehouse, table, ct);
        var rows = await ReadAsync<IReadOnlyList<string?>>(described, ProfileSql.Sample(
            info, described.Schemas.Published, SampleRows, SampleText), static reader =>
            [.. Enumerable.Range(0, reader.FieldCount).Select(at => reader.IsDBNull(at) ? null : Shown(reader.GetValue(at)))], ct);
        return new TableSample([.. info.Columns.Select(c => c.Name)], rows);
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

    private async Task<List<T>> ReadAsync<T>(Warehouse warehouse, string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await use.QueriedAsync(warehouse.Name, ct);
        try
        {
            await using var reading = await databases.ReadAsync(warehouse, ct);
            await using var command = new NpgsqlCommand(sql, reading.Connection) { CommandTimeout = PatienceSeconds };
            await using var reader = await command.ExecuteReaderAsync(ct);
            List<T> rows = [];
            while (await reader.ReadAsync(ct))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw SparkifyException.Conflict("The table was not there just now: a load may be publishing. Try again.");
        }
        catch (NpgsqlException ex) when (ex is { InnerException: TimeoutException }
            or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled })
        {
            throw SparkifyException.Unavailable(
                $"The warehouse did not answer within {PatienceSeconds} seconds. Try again when it has less to do.", ex);
        }
        catch (NpgsqlException ex) when (ex is not PostgresException)
        {
            throw SparkifyException.Unavailable($"The warehouse '{warehouse.Name}' does not answer: {ex.Message}", ex);
        }
    }

    private static string? Text(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetString(at);

    private static string Shown(object value) => value switch
    {
        string text => text.Length <= SampleText ? text : string.Concat(text.AsSpan(0, SampleText), "…"),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private sealed record ProfileRow(int Column, int Kind, string? A, string? B, long First, long Second);
}
