using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>What is wrong with a record, as sentences.</summary>
internal static class RejectReasons
{
    public const string TooLarge = "The record is larger than 4 MB.";
    public const string Truncated = "The record ends before its JSON does.";
    public const string NoObject = "A record must be a JSON object, which starts with a brace.";
    public const string Separator = "Records must be separated by white space, not by commas and not in an array.";
    public const string Array =
        "This file is one JSON array: write one object per line, without brackets and commas around them. The objects in it are read all the same.";
    public const string NotUtf8 = "The text is not valid UTF-8.";
    private const int ShownCharacters = 60;

    /// <summary>The text is no JSON from a place on.</summary>
    public static string Malformed(ReadOnlySpan<byte> record, int at)
    {
        var what = at >= record.Length ? "it ends too early" : (char)record[at] switch
        {
            '\n' or '\r' => "the line ends too early",
            < ' ' => "a control character stands there",
            var symbol and < (char)127 => $"'{symbol}' is not expected there",
            _ => "what stands there is not expected",
        };
        return $"The record is not valid JSON at its byte {at}: {what}.";
    }

    /// <summary>A value does not fit its column.</summary>
    public static string Value(StarColumn column, in Slot slot, ValueFault fault) => fault switch
    {
        ValueFault.NotANumber => $"{column.JsonKey}: {Shown(slot)} is not {Wanted(column.Type)}.",
        ValueFault.NotWhole => $"{column.JsonKey}: {Shown(slot)} is not a whole number.",
        ValueFault.OutOfRange => $"{column.JsonKey}: {Shown(slot)} is out of range for {Wanted(column.Type)}.",
        ValueFault.TooLong => $"{column.JsonKey}: the text is longer than the {column.MaxBytes} bytes its column takes.",
        ValueFault.Zero => $"{column.JsonKey}: the text contains \\u0000, which cannot be stored.",
        ValueFault.LoneSurrogate => $"{column.JsonKey}: the text contains half of a surrogate pair, which is no character.",
        ValueFault.NotUtf8 => $"{column.JsonKey}: {NotUtf8}",
        ValueFault.NoElement => $"{column.JsonKey}: the array does not have the element its path asks for.",
        _ => throw new System.Diagnostics.UnreachableException($"No reason for {fault}."),
    };

    private static string Wanted(ColumnType type) => type switch
    {
        ColumnType.Integer => "a whole number of 32 bits",
        ColumnType.BigInt => "a whole number of 64 bits",
        ColumnType.Double => "a number",
        ColumnType.Timestamp => "a time in milliseconds since 1970",
        _ => throw new System.Diagnostics.UnreachableException($"No number is wanted for {type}."),
    };

    private static string Shown(in Slot slot)
    {
        var text = slot.Shape switch
        {
            Shape.True => "true",
            Shape.False => "false",
            _ => SafeText.From(slot.Raw, ShownCharacters),
        };
        text = text.Length < ShownCharacters ? text : text + "…";
        return slot.Shape is Shape.Text or Shape.EscapedText ? $"\"{text}\"" : text;
    }
}
