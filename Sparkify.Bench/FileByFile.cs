using System.Text.Json;
using Npgsql;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Bench;

/// <summary>One statement for each file, over one open connection: what the staging path is spared.</summary>
internal sealed class FileByFile(BenchServer server, BenchData data)
{
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    /// <summary>A COPY for each file, with rows made by the same parser.</summary>
    public async Task<long> CopyAsync(CancellationToken ct)
    {
        SegmentParser parser = new(new RecordRules(StagingTable.Songs), 64 * 1024);
        await using var db = await server.Database.OpenConnectionAsync(ct);
        long rows = 0;
        foreach (var file in data.Files)
        {
            Parse(parser, file, await ReadAsync(file, ct));
            await using var copy = await db.BeginRawBinaryCopyAsync("copy bench.staging_songs from stdin (format binary)", ct);
            await copy.WriteAsync(Header, ct);
            await copy.WriteAsync(parser.Rows.Content, ct);
            await copy.WriteAsync(Trailer, ct);
            rows += parser.RowCount;
        }

        return rows;
    }

    /// <summary>A prepared INSERT for each file, each its own transaction: what the replaced scripts do.</summary>
    public async Task<long> InsertAsync(CancellationToken ct)
    {
        await using var db = await server.Database.OpenConnectionAsync(ct);
        await using var command = db.CreateCommand();
        var columns = StagingTable.Songs.Columns;
        command.CommandText =
            $"insert into bench.staging_songs values ({string.Join(", ", Enumerable.Range(1, columns.Count + 2).Select(n => $"${n}"))})";
        foreach (var column in columns)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = Contenders.DbType(column.Type), Value = DBNull.Value });
        }

        command.Parameters.Add(new NpgsqlParameter { Value = 0 });
        command.Parameters.Add(new NpgsqlParameter { Value = 1L });
        await command.PrepareAsync(ct);
        foreach (var file in data.Files)
        {
            var content = await ReadAsync(file, ct);
            using var song = JsonDocument.Parse(content.Content);
            for (var at = 0; at < columns.Count; at++)
            {
                command.Parameters[at].Value = Value(song.RootElement.GetProperty(columns[at].Key), columns[at].Type);
            }

            command.Parameters[columns.Count].Value = file.Id;
            await command.ExecuteNonQueryAsync(ct);
        }

        return data.Files.Count;
    }

    private static object Value(JsonElement value, StagingType type) => value.ValueKind == JsonValueKind.Null ? DBNull.Value : type switch
    {
        StagingType.Text => value.GetString()!,
        StagingType.Integer => value.GetInt32(),
        _ => value.GetDouble(),
    };

    private static unsafe void Parse(SegmentParser parser, NumberedFile file, PinnedBuffer content)
    {
        parser.Reset();
        parser.Parse(new Segment { Start = content.Start, End = content.Start + content.Length, File = file, Line = 1, IsLast = true });
    }

    private async Task<PinnedBuffer> ReadAsync(NumberedFile file, CancellationToken ct)
    {
        await using var stream = await data.Source.OpenAsync(data.Part, file.File, 0, ct);
        PinnedBuffer content = new((int)file.File.Bytes);
        await stream.ReadExactlyAsync(content.Room, ct);
        content.Length = content.Capacity;
        content.Terminate();
        return content;
    }
}
