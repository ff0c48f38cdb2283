using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sparkify.Core.Star;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>
/// The rules once more, written from their description with System.Text.Json, strings and big integers, and without any regard to speed.
/// </summary>
internal sealed partial class StagingReference(StarTable table, bool truncate = false)
{
    private const int FileId = 1;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public List<string> Rows { get; } = [];

    public List<(long Line, long Offset, string? Column, string Raw)> Rejects { get; } = [];

    public void Read(byte[] file)
    {
        var at = file.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var array = ArrayOfObjects().IsMatch(Encoding.Latin1.GetString(file, at, file.Length - at));
        var told = false;
        while (at < file.Length)
        {
            if (file[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                at++;
                continue;
            }

            if (array && told && ",[]".Contains((char)file[at], StringComparison.Ordinal))
            {
                at++;
                continue;
            }

            told = true;
            at = file[at] == '{' ? Object(file, at) : ",[]".Contains(
                (char)file[at], StringComparison.Ordinal) ? Separators(file, at) : Line(file, at);
        }
    }

    private int Object(byte[] file, int at)
    {
        JsonElement record;
        int end;
        try
        {
            Utf8JsonReader reader = new(file.AsSpan(at), new JsonReaderOptions { MaxDepth = 512 });
            record = JsonElement.ParseValue(ref reader);
            end = at + (int)reader.BytesConsumed;
        }
        catch (JsonException)
        {
            return Balance(file, at) is { } balanced ? Bad(file, at, balanced, balanced) : Line(file, at);
        }

        string? column = null;
        try
        {
            var values = Values(record, file.AsSpan(at, end - at), ref column);
            column = null;
            _ = Strict.GetString(file, at, end - at);
            Rows.Add(StagingDatabase.Show([.. values, FileId, LineOf(file, at)]));
        }
        catch (Exception error) when (error is FormatException or DecoderFallbackException or InvalidOperationException)
        {
            Bad(file, at, end, end, column);
        }

        return end;
    }

    private int Separators(byte[] file, int at)
    {
        var after = at;
        while (after < file.Length && ",[] \t".Contains((char)file[after], StringComparison.Ordinal) && after - at < 4000)
        {
            after++;
        }

        var text = Encoding.Latin1.GetString(file, at, after - at).TrimEnd(' ', '\t');
        return Bad(file, at, at + text.Length, after);
    }

    private int Line(byte[] file, int at)
    {
        var newline = Array.IndexOf(file, (byte)'\n', at);
        var after = newline < 0 ? file.Length : newline;
        var end = after;
        while (end > at && file[end - 1] is (byte)' ' or (byte)'\t' or (byte)'\r')
        {
            end--;
        }

        return Bad(file, at, end, after);
    }

    private int Bad(byte[] file, int at, int end, int after, string? column = null)
    {
        var raw = Encoding.UTF8.GetString(file, at, end - at).Replace('\0', '\uFFFD');
        Rejects.Add((LineOf(file, at), at, column, raw[..Math.Min(raw.Length, 4000)]));
        return after;
    }

    private static long LineOf(byte[] file, int at) => file.AsSpan(0, at).Count((byte)'\n') + 1;

    private static int? Balance(byte[] file, int start)
    {
        Stack<char> open = new();
        var before = ' ';
        for (var at = start; at < file.Length; at++)
        {
            var c = (char)file[at];
            switch (c)
            {
                case ' ' or '\t' or '\r' or '\n':
                    continue;
                case '"':
                    for (at++; at < file.Length && file[at] != '"'; at++)
                    {
                        if (file[at] == '\\' && at + 1 < file.Length)
                        {
                            at++;
                        }

                        if (file[at] == '\n')
                        {
                            return null;
                        }
                    }

                    break;
                case '{' or '[':
                    var begins = at > start && Encoding.Latin1.GetString(file, start, at - start).TrimEnd(' ', '\t', '\r').EndsWith('\n');
                    var allowed = before is ':' or '[' || (before == ',' && open.Peek() == '[');
                    if (c == '{' && begins && !allowed)
                    {
                        return null;
                    }

                    open.Push(c);
                    break;
                case '}' or ']':
                    if (open.Pop() != (c == '}' ? '{' : '['))
                    {
                        return null;
                    }

                    if (open.Count == 0)
                    {
                        return at + 1;
                    }

                    break;
                default:
                    break;
            }

            before = c;
        }

        return null;
    }

    private List<object?> Values(JsonElement record, ReadOnlySpan<byte> bytes, ref string? column)
    {
        List<object?> values = [];
        var valid = IsUtf8(bytes);
        foreach (var one in table.Columns)
        {
            column = one.Name;
            JsonElement? exact = null, other = null;
            foreach (var property in record.EnumerateObject())
            {
                // A key that is no Unicode is nobody's key.
                var name = NameOf(property);
                exact = name == one.JsonKey ? property.Value : exact;
                other = string.Equals(name, one.JsonKey, StringComparison.OrdinalIgnoreCase) ? property.Value : other;
            }

            values.Add((exact ?? other) is { ValueKind: not JsonValueKind.Null } value ? Convert(one, value, valid) : null);
        }

        return values;
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private object? Convert(StarColumn column, JsonElement value, bool valid)
    {
        var isText = value.ValueKind == JsonValueKind.String;
        if (column.Type == ColumnType.Text)
        {
            // Throws for half a surrogate pair, and for bytes that are no UTF-8.
            var text = isText ? value.GetString()! : value.GetRawText();
            return !valid && text.Contains('\uFFFD', StringComparison.Ordinal) ? throw new FormatException()
                : text.Contains('\0', StringComparison.Ordinal) ? throw new FormatException()
                : Fit(text, column.MaxBytes);
        }

        if (isText && value.GetRawText() == "\"\"")
        {
            return null;
        }

        var number =
            isText ? value.GetString()! : value.ValueKind == JsonValueKind.Number ? value.GetRawText() : throw new FormatException();
        if (!JsonNumber().IsMatch(number))
        {
            throw new FormatException();
        }

        if (column.Type == ColumnType.Double)
        {
            var real = double.Parse(number, CultureInfo.InvariantCulture);
            return double.IsFinite(real) ? real : throw new FormatException();
        }

        var scaled = Scale(number, column.Type == ColumnType.Timestamp ? 3 : 0, out var isWhole);
        return column.Type switch
        {
            ColumnType.Timestamp => Time(scaled),
            _ when !isWhole => throw new FormatException(),
            ColumnType.Integer => scaled >= int.MinValue && scaled <= int.MaxValue ? (int)scaled : throw new FormatException(),
            _ => scaled >= long.MinValue && scaled <= long.MaxValue ? (long)scaled : throw new FormatException(),
        };
    }

    private string Fit(string text, int most)
    {
        if (Strict.GetByteCount(text) <= most)
        {
            return text;
        }

        StringBuilder fitting = new();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > most)
            {
                return truncate ? fitting.ToString() : throw new FormatException();
            }

            fitting.Append(rune);
        }

        return text;
    }

    private static DateTime Time(BigInteger microseconds)
    {
        var ticks = (microseconds * 10) + DateTime.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime((long)ticks) : throw new FormatException();
    }

    /// <summary>A number times a power of ten, cut off at the point.</summary>
    private static BigInteger Scale(string number, int shift, out bool isWhole)
    {
        var mark = number.IndexOfAny(['e', 'E']);
        var mantissa = mark < 0 ? number : number[..mark];
        var exponent = mark < 0
            ? 0
            : (int)BigInteger.Min(BigInteger.Max(BigInteger.Parse(number[(mark + 1)..], CultureInfo.InvariantCulture), -5000), 5000);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        exponent += shift - (point < 0 ? 0 : mantissa.Length - point - 1);
        var digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var whole = exponent >= 0 ? digits * BigInteger.Pow(10, exponent) : BigInteger.Divide(digits, BigInteger.Pow(10, -exponent));
        isWhole = exponent >= 0 || digits % BigInteger.Pow(10, -exponent) == 0;
        return whole;
    }

    [GeneratedRegex(@"\A[ \t\r\n]*\[[ \t\r\n]{0,4000}\{", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ArrayOfObjects();

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex JsonNumber();
}
