using System.Globalization;
using System.Text;
using System.Text.Json;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// Finds whole numbers that are written as text with a decimal point (<c>"38.0"</c>): a local load takes them for what they are, and
/// Redshift's COPY rejects their records. As numbers (<c>38.0</c>, as pandas writes where a column has gaps) both take them.
/// </summary>
internal sealed class IntegralFloats(StarTable table)
{
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = RecordLimits.MaxDepth };

    private readonly Dictionary<string, string> _first = new(StringComparer.Ordinal);
    private readonly HashSet<string> _whole =
        [.. table.Columns.Where(static c => c.Type is ColumnType.Integer or ColumnType.BigInt).Select(static c => c.JsonKey)];

    /// <summary>What to say of them, a sentence for each key.</summary>
    public IReadOnlyList<string> Remarks =>
    [
        .. _first.Select(static f =>
            $"{f.Key} holds \"{f.Value}\", an integral float as text: a local load takes it as {Whole(f.Value)}, COPY on Redshift rejects the record. " +
            "Write it without a decimal point, or as a number."),
    ];

    /// <summary>Looks at a record.</summary>
    public void Look(FileRecord record)
    {
        if (record.Problem is null)
        {
            foreach (var (key, value) in In(record.Bytes))
            {
                _first.TryAdd(key, value);
            }
        }
    }

    /// <summary>The integral float a record has under a key, or none.</summary>
    public string? Find(string record, string key)
    {
        try
        {
            return In(Encoding.UTF8.GetBytes(record)).FirstOrDefault(f => f.Key == key).Value;
        }
        catch (JsonException)
        {
            return null; // cut off, or one line of several
        }
    }

    /// <summary>A number without its decimal point.</summary>
    public static string Whole(string number) =>
        decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("0", CultureInfo.InvariantCulture);

    private List<(string Key, string Value)> In(ReadOnlyMemory<byte> record)
    {
        using var document = JsonDocument.Parse(record, Depth);
        List<(string, string)> found = [];
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return found;
        }

        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.String
                && LenientText.Raw(property.Value).Trim('"') is var number && IsIntegralFloat(number)
                && _whole.Contains(LenientText.NameOf(property)))
            {
                found.Add((LenientText.NameOf(property), number));
            }
        }

        return found;
    }

    private static bool IsIntegralFloat(string number) => number.AsSpan().ContainsAny('.', 'e', 'E')
        && decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value == decimal.Truncate(value);
}
