using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sparkify.Core.Sources.Explore;

/// <summary>One record's bytes; they are the reader's own and change when it goes on.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Bytes">The record.</param>
/// <param name="Problem">Why it is no record a load would take.</param>
internal readonly record struct RawRecord(long Line, ReadOnlyMemory<byte> Bytes, string? Problem);

/// <summary>JSON objects separated by white space, out of a stream of any length in flat memory. What is none is told, and reading goes on behind it.</summary>
internal static class RecordReader
{
    /// <summary>The longest record that is looked at.</summary>
    public const int MostRecordBytes = 4 * 1024 * 1024;

    private const int Chunk = 64 * 1024;

    private static ReadOnlySpan<byte> Space => " \t\r\n"u8;

    /// <summary>Every record of a stream.</summary>
    public static async IAsyncEnumerable<RawRecord> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken ct)
    {
        var buffer = new byte[Chunk];
        var (start, end, line, last) = (0, 0, 1L, false);
        while (true)
        {
            (start, line) = Trim(buffer, start, end, line);
            var found = start < end ? Next(buffer.AsSpan(start, end - start), last) : default;
            if (found.Length > 0)
            {
                yield return new RawRecord(line, buffer.AsMemory(start, found.Length), found.Problem);
                line += buffer.AsSpan(start, found.Length).Count((byte)'\n');
                start += found.Length;
                continue;
            }

            if (last)
            {
                yield break; // all that is left was white space
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            // A record that is not whole is looked at again from its beginning: so the buffer is filled first.
            var read = await stream.ReadAtLeastAsync(buffer.AsMemory(end), buffer.Length - end, throwOnEndOfStream: false, ct);
            last = read < buffer.Length - end;
            end += read;
        }
    }

    private static (int Start, long Line) Trim(byte[] buffer, int start, int end, long line)
    {
        var rest = buffer.AsSpan(start, end - start);
        var at = rest.StartsWith("\uFEFF"u8) && line == 1 ? 3 : 0;
        var trimmed = rest[at..].IndexOfAnyExcept(Space) is >= 0 and var space ? at + space : rest.Length;
        return (start + trimmed, line + rest[..trimmed].Count((byte)'\n'));
    }

    // The length of what stands at the beginning; 0 for "read on".
    private static (int Length, string? Problem) Next(ReadOnlySpan<byte> text, bool last)
    {
        if (text[0] != (byte)'{')
        {
            return ToLineEnd(text, last, text[0] is (byte)'[' or (byte)','
                ? "Records must be separated by white space, not by commas and not in an array."
                : "A record must be a JSON object, which starts with a brace.");
        }

        try
        {
            var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 256 }));
            if (reader.Read() && reader.TrySkip())
            {
                return ((int)reader.BytesConsumed, null);
            }

            return last ? (text.Length, "The record ends before its JSON does.")
                : text.Length >= MostRecordBytes ? (text.Length, "The record is larger than 4 MB.")
                : (0, null);
        }
        catch (JsonException ex)
        {
            return ToLineEnd(text, last, $"The record is not valid JSON near its character {(ex.BytePositionInLine ?? 0) + 1}.");
        }
    }

    private static (int Length, string? Problem) ToLineEnd(ReadOnlySpan<byte> text, bool last, string problem)
    {
        var end = text.IndexOf((byte)'\n');
        return end > 0 ? (end, problem) : last || text.Length >= MostRecordBytes ? (text.Length, problem) : (0, null);
    }
}
