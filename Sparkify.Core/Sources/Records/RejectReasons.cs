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

    /// <summary>
    /// A column <c>reason</c> as SQL without what differs from record to record: the value, the byte, what a COPY adds about either. So
    /// records with one fault are counted together.
    /// </summary>
    public const string KindSql =
        """
        regexp_replace(regexp_replace(regexp_replace(reason,
            '^([^:]+): .* (is not an? .*|is out of range for .*)$', '\1 \2'),
            '^(The record is not valid JSON) at its byte .*$', '\1.'),
            '(, Value ''.*'')?(, Pos \d+)?(, Type: \w+)?( \(Redshift''s code \d+\)\.).*$', '\4')
        """;

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

    /// <summary>What to do about records that have a reason of one kind.</summary>
    public static string Remedy(string kind)
    {
        foreach (var (words, remedy) in Remedies)
        {
            if (kind.Contains(words, StringComparison.Ordinal))
            {
                return remedy;
            }
        }

        return "Correct the records where the files are written, then load again; or raise the reject limit to load without them.";
    }

    // By words of the sentences above; the first that fits.
    private static readonly (string Words, string Remedy)[] Remedies =
    [
        (TooLarge, "No record may be larger than 4 MB. Split it, or leave out the field that grew, and load again."),
        (Truncated, "A file was most likely cut off while it was written or copied. Write or copy it again and load again."),
        (NoObject,
            "Each record must be one JSON object. Remove headings, comments and bare values, or unpack arrays into lines with one object each."),
        (Separator, "Write one object per line, without commas between them and brackets around them: jq -c '.[]' does that."),
        (Array, "Write one object per line: jq -c '.[]' FILE does that. The objects were read all the same."),
        (NotUtf8, "Save the file as UTF-8; iconv -f latin1 -t UTF-8 FILE converts one written in Latin-1."),
        ("is not valid JSON",
            "Look for a missing or stray quote, comma or brace in the record, and write records with a JSON library rather than by hand."),
        ("is not a time in", "Write the time as a whole number of milliseconds since 1970 in UTC, not as text and not in seconds."),
        ("is not a whole number", "Write a whole number, without quotes, decimals or units; null where there is none."),
        ("is not a number", "Write a number, without quotes or units; null where there is none."),
        ("is out of range for",
            "The value is too large or too small for its column. Check its unit: a time in microseconds, for one, is a thousand times too large."),
        ("the text is longer than",
            "Shorten the text where it is written; or set Sparkify:Load:TruncateColumns to true, and loads cut it at the column's length."),
        ("\\u0000", "Remove the zero character; it usually comes from a field that was copied from fixed-width or binary data."),
        ("surrogate pair", "The text was cut in the middle of a character. Cut it by characters, not by 16-bit units, and write it again."),
        ("the element its path asks for",
            "The JSONPaths file asks for an element this array does not have. Correct the path, or write the array in full."),
        ("Redshift's code",
            "Redshift's COPY refused the value. Correct it where the files are written; the records below show which it is."),
    ];

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
