using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Bench;

/// <summary>
/// The ways to get the same events into the same table. Each is given an empty table and answers how many rows it loaded.
/// </summary>
internal sealed class Contenders(BenchServer server)
{
    private const int ChunkBytes = 1 << 20;
    private static readonly byte[] Newline = [(byte)'\n'];

    /// <summary>(a) The staging path.</summary>
    public async Task<long> StageAsync(BenchData data, LoadOptions options, CancellationToken ct)
    {
        var table = data.Part == SourcePart.Events ? StarSchema.StagingEvents : StarSchema.StagingSongs;
        Stager stager = new(Options.Create(options), Options.Create(new RecordOptions()));
        StagingJob job = new(data.Source, data.Part, data.Files, $"bench.{table.Name}", server.Database, 1);
        var result = await stager.StageAsync(job, new StepProgress(), static (_, _) => Task.CompletedTask, ct);
        return result.Staged;
    }

    /// <summary>Writes the rows of the staging table to a file, for (b).</summary>
    public async Task ExportAsync(string file, CancellationToken ct)
    {
        await using var db = await server.Database.OpenConnectionAsync(ct);
        using var reader = await db.BeginTextExportAsync("copy bench.staging_events to stdout (format csv)", ct);
        await using var stream = File.Create(file);
        await ((StreamReader)reader).BaseStream.CopyToAsync(stream, ChunkBytes, ct);
    }

    /// <summary>(b) The engine's own limit over one connection: ready-made CSV, passed on as it is.</summary>
    public async Task<long> CopyCsvAsync(string file, long rows, CancellationToken ct)
    {
        await using var db = await server.Database.OpenConnectionAsync(ct);
        await CopyAsync(db, "copy bench.staging_events from stdin (format csv)", [file], ct);
        return rows;
    }

    /// <summary>(c) The raw JSON into one column, then taken apart in SQL.</summary>
    public async Task<long> JsonbAsync(BenchData data, CancellationToken ct)
    {
        await using var db = await server.Database.OpenConnectionAsync(ct);
        await ExecuteAsync(db, "drop table if exists bench.raw; create unlogged table bench.raw (j jsonb)", ct);

        // Quote and delimiter are bytes JSON cannot contain, so that each line is one value as it stands.
        await CopyAsync(
            db, @"copy bench.raw from stdin (format csv, quote e'\x01', delimiter e'\x02')",
            data.Files.Select(f => Path.Combine(data.Source.Location(data.Part), f.File.Name)), ct);
        return await ExecuteAsync(db, InsertFromJson(), ct);
    }

    /// <summary>(d) One prepared INSERT per row, in one transaction: what the replaced scripts do, at their best.</summary>
    public async Task<long> InsertAsync(IReadOnlyList<object?[]> rows, CancellationToken ct)
    {
        await using var db = await server.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        await using var command = db.CreateCommand();
        command.CommandText =
            $"insert into bench.staging_events values ({string.Join(", ", Enumerable.Range(1, rows[0].Length).Select(n => $"${n}"))})";
        foreach (var column in StarSchema.StagingEvents.Columns)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = DbType(column.Type), Value = DBNull.Value });
        }

        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = 0 });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = 0L });
        await command.PrepareAsync(ct);
        foreach (var row in rows)
        {
            for (var at = 0; at < row.Length; at++)
            {
                command.Parameters[at].Value = row[at] ?? DBNull.Value;
            }

            await command.ExecuteNonQueryAsync(ct);
        }

        await transaction.CommitAsync(ct);
        return rows.Count;
    }

    /// <summary>The first rows of the staging table, for (d).</summary>
    public async Task<IReadOnlyList<object?[]>> RowsAsync(int count, CancellationToken ct)
    {
        await using var db = await server.Database.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand($"select * from bench.staging_events limit {count}", db);
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<object?[]> rows = [];
        while (await reader.ReadAsync(ct))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add([.. row.Select(v => v is DBNull ? null : v)]);
        }

        return rows;
    }

    /// <summary>The type of a parameter for a column.</summary>
    public static NpgsqlDbType DbType(ColumnType type) => type switch
    {
        ColumnType.Text => NpgsqlDbType.Text,
        ColumnType.Integer => NpgsqlDbType.Integer,
        ColumnType.BigInt => NpgsqlDbType.Bigint,
        ColumnType.Double => NpgsqlDbType.Double,
        _ => NpgsqlDbType.Timestamp,
    };

    private static async Task CopyAsync(NpgsqlConnection db, string command, IEnumerable<string> files, CancellationToken ct)
    {
        await using var writer = await db.BeginTextImportAsync(command, ct);

        // The bytes as they are: no decoding and encoding in between.
        var target = ((StreamWriter)writer).BaseStream;
        var chunk = new byte[ChunkBytes];
        foreach (var file in files)
        {
            await using var source = File.OpenRead(file);
            int count, last = 0;
            while ((count = await source.ReadAsync(chunk, ct)) > 0)
            {
                await target.WriteAsync(chunk.AsMemory(0, count), ct);
                last = count;
            }

            // Some files end without a newline, and another file follows.
            if (last > 0 && chunk[last - 1] != '\n')
            {
                await target.WriteAsync(Newline, ct);
            }
        }
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection db, string sql, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));

    private static string InsertFromJson()
    {
        var values = StarSchema.StagingEvents.Columns.Select(c => c.Type switch
        {
            ColumnType.Text => $"j ->> '{c.JsonKey}'",
            ColumnType.Timestamp => $"to_timestamp((j ->> '{c.JsonKey}')::bigint / 1000.0) at time zone 'UTC'",
            _ => $"(j ->> '{c.JsonKey}')::{PostgresDdl.Type(c)}",
        });
        return $"insert into bench.staging_events select {string.Join(", ", values)}, 1, 1 from bench.raw";
    }
}
