using System.Text.Json;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Explore;

/// <summary>Gathers the profile of many records.</summary>
internal sealed class FieldsTally(StarTable table)
{
    /// <summary>How many different keys are profiled; what comes after them is left out.</summary>
    private const int MostKeys = 200;

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = RecordLimits.MaxDepth };

    private readonly Dictionary<string, FieldTally> _fields = new(StringComparer.Ordinal);
    private readonly List<FieldTally> _order = [];
    private readonly Dictionary<string, (long Records, string First)> _misfits = new(StringComparer.Ordinal);
    private long _broken;

    /// <summary>How many records it has taken.</summary>
    public long Records { get; private set; }

    /// <summary>Takes one record.</summary>
    public void Add(FileRecord record)
    {
        Records += record.Reject is { OfFile: true } ? 0 : 1;
        if (record.Problem is not null)
        {
            _broken++;
            return;
        }

        if (record.Reject is { Column: { } column } misfit)
        {
            var (records, first) = _misfits.GetValueOrDefault(column, (0, misfit.Reason));
            _misfits[column] = (records + 1, first);
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

            field.Add(value);
        }
    }

    /// <summary>What was gathered.</summary>
    public SourceProfile Profile(long files, bool whole, KeyCounter counted)
    {
        var keys = KeyCounter.Sum(table, [counted]);
        return new SourceProfile(
            Records, files, _broken, whole, [.. _order.Select(static f => f.Profile())],
            [
                .. from column in table.Columns where _misfits.ContainsKey(column.Name)
                   let misfit = _misfits[column.Name]
                   let detail = $"A load rejects such a record. The first: {misfit.First}"
                   select new FieldDrift(DriftKind.Misfit, column.JsonKey, misfit.Records, detail),
                .. keys.Missing.Select(static k => new FieldDrift(DriftKind.Missing, k.Key, k.Value, "A load puts NULL into its column.")),
                .. keys.Unknown.Select(
                    static k => new FieldDrift(DriftKind.Unknown, k.Key, k.Value, "No column takes it: a load ignores it.")),
            ]);
    }
}
