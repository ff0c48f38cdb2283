using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>A column that a COPY fills.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as the server names it, such as <c>varchar</c> or <c>int4</c>.</param>
/// <param name="Modifier">The server's type modifier: length or precision.</param>
/// <param name="NotNull">Whether it has to have a value.</param>
internal sealed record CopyColumn(string Name, string Type, int Modifier, bool NotNull)
{
    public bool IsText => Type is "varchar" or "bpchar" or "text";

    /// <summary>The most bytes of a text.</summary>
    public int Length => Modifier >= 4 ? Modifier - 4 : 65535;

    public int Precision => Modifier >= 4 ? (Modifier - 4) >> 16 : 18;

    public int Scale => Modifier >= 4 ? (Modifier - 4) & 0x7ff : 0;

    /// <summary>As SYS_LOAD_ERROR_DETAIL shows it.</summary>
    public string LengthText => IsText ? Length.ToString(CultureInfo.InvariantCulture) : Type == "numeric" ? $"{Precision}, {Scale}" : "0";
}

/// <summary>Why a value could not be loaded.</summary>
internal sealed record ValueProblem(int Code, string Message);

/// <summary>Writes JSON values in the form in which the server takes them, as Redshift would load them.</summary>
internal sealed class ColumnValue(CopyStatement copy)
{
    private readonly MomentFormat? _times = MomentFormat.Of(copy.TimeFormat ?? MomentFormat.Timestamps);
    private readonly MomentFormat? _dates = MomentFormat.Of(copy.DateFormat ?? MomentFormat.Dates);

    /// <summary>Writes a value; none when it went well.</summary>
    public ValueProblem? Write(CopyColumn column, JsonElement? given, ArrayBufferWriter<byte> row)
    {
        if (given is not { } value || value.ValueKind == JsonValueKind.Null)
        {
            return Null(column, row);
        }

        return column.IsText ? Text(column, value, row) : Scalar(column, value, row);
    }

    /// <summary>Writes a field of a file that is not JSON; none is NULL.</summary>
    public ValueProblem? Write(CopyColumn column, byte[]? field, ArrayBufferWriter<byte> row) => field is null ? Null(column, row)
        : column.IsText ? Fit(column, field, row)
        : Scalar(column, Encoding.UTF8.GetString(field).Trim(), row);

    private static ValueProblem? Null(CopyColumn column, ArrayBufferWriter<byte> row)
    {
        if (column.NotNull)
        {
            return new ValueProblem(1213, "Missing data for not-null field");
        }

        row.Write("\\N"u8);
        return null;
    }

    private ValueProblem? Text(CopyColumn column, JsonElement value, ArrayBufferWriter<byte> row)
    {
        if (value.ValueKind == JsonValueKind.Number && JsonNumber.Whole(value.GetRawText()) is { } whole)
        {
            return Fit(column, Encoding.ASCII.GetBytes(whole), row);
        }

        var raw = JsonMarshal.GetRawUtf8Value(value);
        var text = value.ValueKind != JsonValueKind.String ? raw : raw[1..^1];
        if (value.ValueKind == JsonValueKind.String && text.Contains((byte)'\\') && Unescaped(value) is var unescaped)
        {
            if (unescaped is null || unescaped.AsSpan().Contains((byte)0))
            {
                return new ValueProblem(
                    1220, "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: 00 (error 4)");
            }

            text = unescaped;
        }

        return Fit(column, text, row);
    }

    private ValueProblem? Fit(CopyColumn column, ReadOnlySpan<byte> text, ArrayBufferWriter<byte> row)
    {
        if (!Utf8.IsValid(text))
        {
            if (copy.InvalidCharacters is not { } instead || column.Type == "bpchar")
            {
                return new ValueProblem(1220, "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: (error 3)");
            }

            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).Replace('\uFFFD', instead));
        }

        if (copy.TrimBlanks && column.Type == "varchar")
        {
            text = text.TrimEnd(" \t\r\n"u8);
        }

        if (copy.TruncateColumns && text.Length > column.Length)
        {
            text = Cut(text, column.Length);
        }

        if (text.Length > column.Length)
        {
            return new ValueProblem(1204, "String length exceeds DDL length");
        }

        if ((copy.EmptyAsNull && text.IsEmpty) || (copy.BlanksAsNull && !text.IsEmpty && text.TrimStart(" \t\r\n"u8).IsEmpty))
        {
            return Null(column, row);
        }

        Escape(text, row);
        return null;
    }

    private ValueProblem? Scalar(CopyColumn column, JsonElement value, ArrayBufferWriter<byte> row)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => Unescaped(value) is { } bytes ? Encoding.UTF8.GetString(bytes).Trim() : "\uFFFD",
            JsonValueKind.Number => JsonNumber.Of(value.GetRawText()),
            _ => value.GetRawText(),
        };
        return Scalar(column, text, row, value.ValueKind == JsonValueKind.Number ? value.GetRawText() : text);
    }

    private ValueProblem? Scalar(CopyColumn column, string text, ArrayBufferWriter<byte> row, string? given = null)
    {
        // What is not text has no empty value.
        if (text.Length == 0)
        {
            return Null(column, row);
        }

        var (written, problem) = column.Type switch
        {
            "int2" => Integer(text, short.MinValue, short.MaxValue, "Short"),
            "int4" => Integer(text, int.MinValue, int.MaxValue, "Integer"),
            "int8" => Integer(text, long.MinValue, long.MaxValue, "Long"),
            "float4" or "float8" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number)
                ? (text, null) : (null, new ValueProblem(1208, $"Invalid value for type Double: '{text}'")),
            "numeric" => Decimal(text, column, given ?? text),
            "bool" => text.ToLowerInvariant() switch
            {
                "true" or "t" or "yes" or "y" or "1" => ("t", null),
                "false" or "f" or "no" or "n" or "0" => ("f", null),
                _ => ((string?)null, new ValueProblem(1210, "Unknown boolean format")),
            },
            "timestamp" or "timestamptz" => Timestamp(text),
            "date" => Date(text),
            _ => (null, new ValueProblem(1200, $"The simulator cannot load the type {column.Type}")),
        };
        if (problem is { Code: 1205 or 1206 } && copy.AcceptAnyDate)
        {
            return Null(column, row);
        }

        if (written is not null)
        {
            Encoding.UTF8.GetBytes(written, row);
        }

        return problem;
    }

    private static (string?, ValueProblem?) Integer(string text, long least, long most, string type)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number >= least && number <= most
                ? (text, null)
                : (null, new ValueProblem(1207, $"Overflow, Value '{text}', Type: {type}"));
        }

        var at = text.AsSpan(text[0] is '-' or '+' ? 1 : 0).IndexOfAnyExceptInRange('0', '9') + (text[0] is '-' or '+' ? 1 : 0);
        return (null, at < 0 || at >= text.Length || (at == 0 && text[0] is '-' or '+')
            ? new ValueProblem(1207, $"Overflow, Value '{text}', Type: {type}")
            : new ValueProblem(1207, $"Invalid digit, Value '{text[at]}', Pos {at}, Type: {type}"));
    }

    private (string?, ValueProblem?) Decimal(string text, CopyColumn column, string given)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return (null, new ValueProblem(1209, $"Invalid value for type Decimal: '{given}'"));
        }

        var scale = Math.Min(column.Scale, 28);
        var fitted = copy.RoundDecimals
            ? Math.Round(number, scale, MidpointRounding.AwayFromZero)
            : Math.Round(number, scale, MidpointRounding.ToZero);
        return BigInteger.Abs(new BigInteger(fitted)) < BigInteger.Pow(10, column.Precision - column.Scale)
            ? (fitted.ToString(CultureInfo.InvariantCulture), null)
            : (null, new ValueProblem(1209, $"Numeric data overflow (result precision), Value '{given}'"));
    }

    private (string?, ValueProblem?) Timestamp(string text)
    {
        DateTime? moment = null;
        if (copy.TimeFormat is "epochsecs" or "epochmillisecs")
        {
            if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                var ticks = number * (copy.TimeFormat == "epochsecs" ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond) +
                    DateTime.UnixEpoch.Ticks;
                moment = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime((long)ticks, DateTimeKind.Utc) : null;
            }
        }
        else
        {
            moment = _times is null ? Guess(text) : _times.Read(text);
        }

        return moment is { } found ? (found.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture), null)
            : (null, new ValueProblem(1206, $"Invalid timestamp format or value [{copy.TimeFormat ?? "YYYY-MM-DD HH24:MI:SS"}]"));
    }

    private (string?, ValueProblem?) Date(string text) => (_dates is null ? Guess(text) : _dates.Read(text)) is { } found
        ? (found.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), null)
        : (null, new ValueProblem(1205, copy.DateFormat is null ? "Invalid Date Format - length must be 10 or more" : $"Invalid date format or value [{copy.DateFormat}]"));

    /// <summary>What <c>auto</c> makes of it.</summary>
    private static DateTime? Guess(string text) => text.AsSpan().IndexOfAny("-/ ") > 0
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
            ? parsed.UtcDateTime
            : null;

    private static byte[]? Unescaped(JsonElement value)
    {
        try
        {
            return Encoding.UTF8.GetBytes(value.GetString()!);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, or bytes that are no UTF-8.
            return null;
        }
    }

    /// <summary>As many bytes as fit, without half a character at the end.</summary>
    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int length)
    {
        while (length > 0 && (text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return text[..length];
    }

    private static void Escape(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> row)
    {
        while (text.IndexOfAny("\\\n\r\t"u8) is var at and >= 0)
        {
            row.Write(text[..at]);
            row.Write([(byte)'\\', text[at] switch
            {
                (byte)'\n' => (byte)'n', (byte)'\r' => (byte)'r', (byte)'\t' => (byte)'t', _ => (byte)'\\',
            }]);
            text = text[(at + 1)..];
        }

        row.Write(text);
    }
}
