using System.Buffers;

namespace Sparkify.Core.Sources.Records;

/// <summary>A line of a file as it stands there.</summary>
/// <param name="Offset">The byte it starts at, from 0, in the file's uncompressed form.</param>
/// <param name="Text">Its beginning.</param>
internal sealed record RecordLine(long Offset, string Text);

/// <summary>Finds lines of a file by their numbers, in one pass that keeps nothing else.</summary>
internal static class RecordLines
{
    private const int MostCharacters = 4000;

    /// <summary>Reads some lines; those behind the end are left out.</summary>
    /// <param name="content">The file, uncompressed.</param>
    /// <param name="lines">Their numbers, from 1.</param>
    /// <param name="ct">Ends it early.</param>
    public static async Task<IReadOnlyDictionary<long, RecordLine>> ReadAsync(Stream content, IEnumerable<long> lines, CancellationToken ct)
    {
        SortedSet<long> wanted = [.. lines];
        Dictionary<long, RecordLine> found = [];
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var text = new MemoryStream();
        var (line, offset, start) = (1L, 0L, 0L);
        try
        {
            while (found.Count < wanted.Count && await content.ReadAsync(buffer, ct) is > 0 and var count)
            {
                for (var rest = buffer.AsMemory(0, count); !rest.IsEmpty;)
                {
                    var end = rest.Span.IndexOf((byte)'\n');
                    var piece = end < 0 ? rest : rest[..end];
                    if (wanted.Contains(line) && text.Length < MostCharacters * 4)
                    {
                        text.Write(piece.Span);
                    }

                    offset += piece.Length;
                    rest = rest[piece.Length..];
                    if (end >= 0)
                    {
                        EndLine();
                        rest = rest[1..];
                        (line, start) = (line + 1, ++offset);
                    }
                }
            }

            EndLine();
            return found;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        void EndLine()
        {
            if (wanted.Contains(line) && offset > start)
            {
                found[line] = new RecordLine(
                    start, SafeText.From(text.GetBuffer().AsSpan(0, (int)text.Length).TrimEnd("\r"u8), MostCharacters));
            }

            text.SetLength(0);
        }
    }
}
