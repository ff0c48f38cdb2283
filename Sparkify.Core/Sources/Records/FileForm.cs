using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Records;

/// <summary>What a file is, told by its first bytes and not by its name.</summary>
internal static class FileForm
{
    /// <summary>As many first bytes as tell whether a file without an ending holds records, or one array of them.</summary>
    public const int Telling = 512;

    private const int Needed = 8;

    // Signatures from the formats' own specifications; what they are called, and what to do about it.
    private static readonly (byte[] Begin, string Name, string Remedy)[] Foreign =
    [
        ("PAR1"u8.ToArray(), "a Parquet file", "Write it as JSON"),
        ("Obj\u0001"u8.ToArray(), "an Avro file", "Write it as JSON"),
        ("ORC"u8.ToArray(), "an ORC file", "Write it as JSON"),
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive", "Unpack it, or compress each file with gzip"),
        ([0x42, 0x5A, 0x68], "compressed with bzip2", "Compress it with gzip, or not at all"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "compressed with xz", "Compress it with gzip, or not at all"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd", "Compress it with gzip, or not at all"),
        ([0x04, 0x22, 0x4D, 0x18], "compressed with LZ4", "Compress it with gzip, or not at all"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive", "Unpack it, or compress each file with gzip"),
        ("%PDF"u8.ToArray(), "a PDF file", "Take it out of the source"),
        ("SQLite"u8.ToArray(), "an SQLite database", "Export its rows as JSON"),
        ([0xFF, 0xFE], "text in UTF-16", "Write it in UTF-8"),
        ([0xFE, 0xFF], "text in UTF-16", "Write it in UTF-8"),
    ];

    /// <summary>As many of a file's first bytes as are looked at; fewer when it has no more.</summary>
    public static async ValueTask<byte[]> BeginAsync(Stream stored, CancellationToken ct, int most = Needed)
    {
        var begin = new byte[most];
        return begin[..await stored.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, ct)];
    }

    /// <summary>
    /// Whether a file that begins so is gzip (RFC 1952: 1F 8B, then 8 for deflate). Throws a sentence when it can hold no record.
    /// </summary>
    public static bool IsGzip(string name, ReadOnlySpan<byte> begin) =>
        Problem(name, begin) is { } problem ? throw SparkifyException.Invalid(problem) : begin is [0x1F, 0x8B, 0x08, ..];

    /// <summary>Whether a file that begins so holds records, as far as that tells: gzip, an object or an array of objects.</summary>
    public static bool IsData(ReadOnlySpan<byte> begin)
    {
        if (begin is [0x1F, 0x8B, 0x08, ..])
        {
            return true;
        }

        var text = begin.StartsWith("\uFEFF"u8) ? begin[3..] : begin;
        return text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..] || LayoutOf(begin) == FileLayout.Array;
    }

    /// <summary>The layout of a file that begins so.</summary>
    public static FileLayout LayoutOf(ReadOnlySpan<byte> begin)
    {
        LayoutLook look = default;
        look.Look(begin);
        return look.Layout;
    }

    private static string? Problem(string name, ReadOnlySpan<byte> begin)
    {
        foreach (var (form, called, remedy) in Foreign)
        {
            if (begin.StartsWith(form))
            {
                return Sentence(name, called, remedy);
            }
        }

        // JSON without a byte order mark: its first character is ASCII, so every other byte is 0.
        return begin is [not 0, 0, not 0, 0, ..] or [0, not 0, 0, not 0, ..]
            ? Sentence(name, "text in UTF-16", "Write it in UTF-8")
            : null;
    }

    private static string Sentence(string name, string called, string remedy) =>
        $"'{name}' is {called}, whatever its name says, so no record of it can be read. {remedy}, or take it out of the source.";
}
