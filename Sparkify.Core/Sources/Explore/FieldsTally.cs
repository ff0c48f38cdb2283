using System.Text.Json;

namespace Sparkify.Core.Sources.Explore;

/// <summary>Gathers the profile of many records.</summary>
internal sealed class FieldsTally(IReadOnlyList<(string Key, FieldNeed Need)> expected)
{
    /// <summary>How many different keys are profiled; what comes after them is left out.</summary>
    private const int MostKeys = 200;

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 256 };

    private readonly Dictionary<string, FieldTally> _fields = new(StringComparer.Ordinal);
    private readonly List<FieldTally> _order = [];
    private readonly Dictionary<string, FieldNeed> _needs = expected.DistinctBy(e => e.Key).ToDictionary(e => e.Key, e => e.Need, StringComparer.Ordinal);
    private long _records;
    private long _broken;

    /// <summary>Takes one record.</summary>
    public void Add(RawRecord record)
    {
        _records++;
        if (record.Problem is not null)
        {
            _broken++;
            return;
        }

        using var document = JsonDocument.Parse(record.Bytes, Depth);
        // Of a key that stands twice, a load takes the last.
        Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            values[LenientText.NameOf(property)] = property.Value;
        }

        foreach (var (key, value) in values)
        {
            if (!_fields.TryGetValue(key, out var field))
            {
                if (_fields.Count == MostKeys)
                {
                    continue;
                }

                field = _fields[key] = new FieldTally(key);
                _order.Add(field);
            }

            field.Add(value, _needs.TryGetValue(key, out var need) ? need : null);
        }
    }

    /// <summary>What was gathered.</summary>
    public SourceProfile Profile(long files, bool whole) =>
        new(_records, files, _broken, whole, [.. _order.Select(f => f.Profile())], _records > _broken ? Drift() : []);

    private List<FieldDrift> Drift() =>
    [
        .. from field in _order where field.Misfits > 0
           select new FieldDrift(DriftKind.Misfit, field.Key, field.Misfits,
               $"A load needs {(_needs[field.Key] == FieldNeed.Whole ? "a whole number" : "a number")} there and would reject records such as the one with {field.Misfit}."),
        .. from key in _needs.Keys
           let lacking = _records - _broken - (_fields.TryGetValue(key, out var field) ? field.Present : 0)
           where lacking > 0
           select new FieldDrift(DriftKind.Missing, key, lacking, "A load puts NULL into its column."),
        .. from field in _order where !_needs.ContainsKey(field.Key)
           select new FieldDrift(DriftKind.Unknown, field.Key, field.Present, "No column takes it: a load ignores it."),
    ];
}
