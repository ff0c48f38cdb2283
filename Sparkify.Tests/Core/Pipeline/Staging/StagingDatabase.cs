using System.Globalization;
using System.Text;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>What a test staged: rows as text (in no order, as several records may share a line), rejects, and the counts.</summary>
internal sealed record Staged(
    IReadOnlyList<string> Rows, IReadOnlyList<StagingReject> Rejects, StagingResult Result, StepProgress Progress)
{
    public string Row => Assert.Single(Rows);

    public StagingReject Reject => Assert.Single(Rejects);
}

/// <summary>A real PostgreSQL database that test files are staged into.</summary>
public sealed class StagingDatabase : IAsyncLifetime
{
    /// <summary>A table with one column of each type.</summary>
    internal static StarTable OfEachType { get; } =
        new("of_each_type", TableRole.Staging, "Rows", "One of each type.", Distribution.Even, null,
    [
        new("t", ColumnType.Text, "") { JsonKey = "text", MaxBytes = 24 },
        new("i", ColumnType.Integer, "") { JsonKey = "anInteger" },
        new("b", ColumnType.BigInt, "") { JsonKey = "big" },
        new("d", ColumnType.Double, "") { JsonKey = "real" },
        new("ts", ColumnType.Timestamp, ""),
        new("u", ColumnType.Text, "") { JsonKey = "second_Text", MaxBytes = 4000 },
    ]);

    private NpgsqlDataSource _database = null!;

    internal NpgsqlDataSource Database => _database;

    public async Task InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await SharedPostgres.NewDatabaseAsync());
        foreach (var table in (StarTable[])[OfEachType, StarSchema.StagingEvents, StarSchema.StagingSongs])
        {
            await ExecuteAsync(PostgresDdl.EmptyStaging(table, table.Name));
        }
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    /// <summary>Stages one file's content.</summary>
    internal Task<Staged> StageAsync(string content, LoadOptions? options = null, string? paths = null, bool truncate = false) =>
        StageAsync(MemorySource.Of(Encoding.UTF8.GetBytes(content), paths), options ?? new LoadOptions(), truncate: truncate);

    /// <summary>Stages files and reads the table back.</summary>
    internal async Task<Staged> StageAsync(
        MemorySource source, LoadOptions options, int maxRejects = int.MaxValue, StarTable? table = null, bool truncate = false)
    {
        table ??= OfEachType;
        await ExecuteAsync($"truncate {table.Name}");
        List<StagingReject> rejects = [];
        StepProgress progress = new();
        var job = Job(source, maxRejects, table);
        var result = await NewStager(options, truncate).StageAsync(job, progress, Keep, CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(result.Read, result.Staged + result.Rejected);
        Assert.Equal(rejects.Count, result.Rejected + result.FileRejects);
        Assert.Equal(rejects.Count(static r => r.OfFile), result.FileRejects);
        var rows = await RowsAsync(table);
        Assert.Equal(rows.Count, result.Staged);
        return new Staged(rows, rejects, result, progress);

        Task Keep(IReadOnlyList<StagingReject> batch, CancellationToken ct)
        {
            rejects.AddRange(batch);
            return Task.CompletedTask;
        }
    }

    internal static Stager NewStager(LoadOptions options, bool truncate = false) =>
        new(Options.Create(options), Options.Create(new RecordOptions { TruncateColumns = truncate }));

    internal StagingJob Job(MemorySource source, int maxRejects = int.MaxValue, StarTable? table = null) => new(
        source, SourcePart.Events, source.Files, (table ?? OfEachType).Name, _database, maxRejects)
    { Table = table ?? OfEachType };

    internal async Task<long> CountAsync(StarTable table)
    {
        await using var db = await _database.OpenConnectionAsync();
        return await db.ExecuteScalarAsync<long>($"select count(*) from {table.Name}");
    }

    internal async Task ExecuteAsync(string sql)
    {
        await using var db = await _database.OpenConnectionAsync();
        await db.ExecuteAsync(sql);
    }

    /// <summary>A row's values as one text, the same for what comes from the database and from the reference.</summary>
    internal static string Show(IEnumerable<object?> values) => string.Join(" | ", values.Select(value => value switch
    {
        null or DBNull => "NULL",
        double real => real.ToString("R", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        string text => $"'{text}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    }));

    private async Task<List<string>> RowsAsync(StarTable table)
    {
        await using var db = await _database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"select * from {table.Name}", db);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        var values = new object[reader.FieldCount];
        while (await reader.ReadAsync())
        {
            reader.GetValues(values);
            rows.Add(Show(values));
        }

        return rows;
    }
}
