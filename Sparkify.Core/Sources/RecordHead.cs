using System.Text;
using System.Text.Json;

namespace Sparkify.Core.Sources;

/// <summary>The first records in the head of a file, forgiving about everything a loader would reject.</summary>
internal static class RecordHead
{
    /// <summary>How much of a file is looked at.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>How many records are shown.</summary>
    public const int MostRecords = 5;

    /// <summary>How much of a record is shown.</summary>
    public const int MostChars = 2000;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The head of a file; <paramref name="Whole"/> when the file ends with it.</summary>
    public sealed record Bytes(byte[] Content, int Length, bool Whole);

    /// <summary>The first records, each as its JSON text, and lines that are none as they are.</summary>
    public static (IReadOnlyList<string> Records, string? Problem) Read(Bytes head, string name, int most)
    {
        ReadOnlySpan<byte> rest = head.Content.AsSpan(0, head.Length);
        if (rest.StartsWith(ByteOrderMark))
        {
            rest = rest[ByteOrderMark.Length..];
        }

        rest = rest.TrimStart(" \t\r\n"u8);
        var array = rest.StartsWith("["u8);
        var objects = 0;
        List<string> records = [];

        // Broken lines do not fill the preview before an object was seen: only then is it known whether this is JSON at all.
        while (!rest.IsEmpty && (records.Count < most || objects == 0))
        {
            var length = ObjectLength(rest, head.Whole);
            objects += length > 0 ? 1 : 0;
            var end = rest.IndexOf((byte)'\n');
            length = length > 0 ? length : end < 0 ? rest.Length : end;
            if (records.Count < most)
            {
                records.Add(Shown(rest[..length]));
            }

            rest = rest[length..].TrimStart(" \t\r\n"u8);
        }

        return (records, Problem(name, head.Whole, array, objects, records.Count));
    }

    private static string? Problem(string name, bool whole, bool array, int objects, int records)
    {
        var extent = whole ? $"'{name}'" : $"The first {MostBytes / 1024} KiB of '{name}'";
        return array
            ? $"'{name}' is one JSON array. Records have to be JSON objects one after another, without brackets and commas around them."
            : records == 0 ? null
            : objects == 0 ? $"{extent} holds no JSON object. Records have to be JSON objects, one after another."
            : null;
    }

    /// <summary>The length of the JSON object that a text starts with, or 0 when it does not start with one.</summary>
    private static int ObjectLength(ReadOnlySpan<byte> text, bool whole)
    {
        if (text[0] != (byte)'{')
        {
            return 0;
        }

        try
        {
            var reader = new Utf8JsonReader(text, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 256 }));
            if (reader.Read() && reader.TrySkip())
            {
                return (int)reader.BytesConsumed;
            }

            // The last record of a head that was cut off: an object as far as one can see.
            return whole ? 0 : text.Length;
        }
        catch (JsonException)
        {
            return 0;
        }
    }

    private static string Shown(ReadOnlySpan<byte> record)
    {
        // At most four bytes to a character, so a long record need not be decoded as a whole.
        var text = Encoding.UTF8.GetString(record[..Math.Min(record.Length, MostChars * 4)]).TrimEnd();
        return text.Length <= MostChars ? text : string.Concat(text.AsSpan(0, MostChars - 1), "…");
    }
}
