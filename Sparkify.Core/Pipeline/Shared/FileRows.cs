using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>The files a load is to read, as rows of a table.</summary>
internal static class FileRows
{
    /// <summary>
    /// Writes the columns of files into a COPY that was begun, each row after its run when one is given, and completes it.
    /// </summary>
    public static async Task<(int Files, long Bytes)> WriteAsync(
        NpgsqlBinaryImporter writer, long? run, SourcePart part, int last, IAsyncEnumerable<SourceFile> files, Action<long> onFile,
        CancellationToken ct)
    {
        var (count, total) = (0, 0L);
        await foreach (var file in files.WithCancellation(ct))
        {
            await writer.StartRowAsync(ct);
            if (run is { } number)
            {
                await writer.WriteAsync(number, NpgsqlDbType.Bigint, ct);
            }

            await writer.WriteAsync(last + ++count, NpgsqlDbType.Integer, ct);
            await writer.WriteAsync(part.Word(), NpgsqlDbType.Text, ct);
            await writer.WriteAsync(file.Name, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(file.Bytes, NpgsqlDbType.Bigint, ct);
            await writer.WriteAsync(file.Modified.UtcDateTime, NpgsqlDbType.TimestampTz, ct);
            await writer.WriteAsync(file.Tag, NpgsqlDbType.Text, ct);
            total += file.Bytes;
            onFile(file.Bytes);
        }

        await writer.CompleteAsync(ct);
        return (count, total);
    }
}
