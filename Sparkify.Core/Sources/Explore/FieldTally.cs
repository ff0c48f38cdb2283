using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Sparkify.Core.Sources.Explore;

/// <summary>Gathers what the values under one key are like, in bounded memory.</summary>
internal sealed class FieldTally(string key)
{
    /// <summary>How many different values are kept apart.</summary>
    public const int MostValues = 2_000;

    private const int MostText = 200;
    private const int MostTop = 5;

    private readonly Dictionary<string, long> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _values = new(StringComparer.Ordinal);
    private bool _tooMany;
    private long _nulls;
    private (double Low, double High)? _numbers;
    private (string Low, string High)? _texts;

    /// <summary>The key.</summary>
    public string Key { get; } = key;

    /// <summary>Records that have it.</summary>
    public long Present { get; private set; }

    /// <summary>Takes the value of one record.</summary>
    public void Add(JsonElement value)
    {
        Present++;
        if (value.ValueKind == JsonValueKind.Null)
        {
            _nulls++;
            return;
        }

        Count(_kinds, Kind(value));
        var text = Text(value);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number))
        {
            _numbers = _numbers is var (low, high) ? (Math.Min(low, number), Math.Max(high, number)) : (number, number);
        }
        else if (value.ValueKind == JsonValueKind.String)
        {
            _texts = _texts is not var (first, last) ? (text, text)
                : (string.CompareOrdinal(text, first) < 0 ? text : first, string.CompareOrdinal(text, last) > 0 ? text : last);
        }

        _tooMany |= _values.Count >= MostValues && !_values.ContainsKey(text);
        if (!_tooMany)
        {
            Count(_values, text);
        }
    }

    /// <summary>What was gathered.</summary>
    public FieldProfile Profile() => new(
        Key, Present, _nulls,
        [.. _kinds.OrderByDescending(k => k.Value).ThenBy(k => k.Key, StringComparer.Ordinal).Select(k => new FieldCount(k.Key, k.Value))],
        _tooMany ? null : _values.Count,
        _numbers is var (low, _) ? Shown(low) : _texts?.Low,
        _numbers is var (_, high) ? Shown(high) : _texts?.High,
        _tooMany || _values.Count == Present - _nulls ? [] : [.. _values
            .OrderByDescending(v => v.Value).ThenBy(v => v.Key, StringComparer.Ordinal).Take(MostTop)
                .Select(v => new FieldCount(v.Key, v.Value))]);

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Array => "list",
        _ => "object",
    };

    private static string Text(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? LenientText.Of(value) : LenientText.Raw(value);
        return text.Length <= MostText ? text : string.Concat(text.AsSpan(0, MostText), "…");
    }

    private static string Shown(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static void Count(Dictionary<string, long> counts, string word) => counts[word] = counts.GetValueOrDefault(word) + 1;
}

/// <summary>Texts of JSON values that may hold what no text can.</summary>
internal static class LenientText
{
    /// <summary>A text value; as it stands in the file when it holds half a surrogate pair or bytes that are no UTF-8.</summary>
    public static string Of(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return Raw(value);
        }
    }

    /// <summary>A value as it stands in the file.</summary>
    public static string Raw(JsonElement value) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value));

    /// <summary>A key, likewise.</summary>
    public static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(property));
        }
    }
}
