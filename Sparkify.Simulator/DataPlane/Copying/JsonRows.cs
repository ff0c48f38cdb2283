using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>Turns JSON records into rows of a table's columns.</summary>
internal sealed class JsonRows(CopyStatement copy, IReadOnlyList<CopyColumn> columns, IReadOnlyList<JsonPath>? paths) : ICopyRows
{
    private readonly ColumnValue _values = new(copy);
    private readonly byte[][] _names = [.. columns.Select(static c => Encoding.UTF8.GetBytes(c.Name))];
    private readonly Dictionary<string, int> _places = columns.Select(static (c, i) => (c.Name, i))
        .ToDictionary(static p => p.Name, static p => p.i, StringComparer.OrdinalIgnoreCase);
    private readonly JsonElement?[] _found = new JsonElement?[columns.Count];
    private readonly bool _fromObject = paths?.Any(static p => p.BeginsInObject) == true;
    private readonly bool _ignoreCase = copy.Json == "auto ignorecase";

    public RowProblem? Append(ReadOnlyMemory<byte> record, ArrayBufferWriter<byte> rows)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(record);
        }
        catch (JsonException)
        {
            return new RowProblem(null, new ValueProblem(1216, "Invalid JSON: the record cannot be parsed."));
        }

        using (document)
        {
            if (Find(document.RootElement) is { } missing)
            {
                return missing;
            }

            for (var i = 0; i < columns.Count; i++)
            {
                if (i > 0)
                {
                    rows.Write("\t"u8);
                }

                if (_values.Write(columns[i], _found[i], rows) is { } problem)
                {
                    return new RowProblem(columns[i], problem, _found[i]?.GetRawText() ?? "");
                }
            }

            rows.Write("\n"u8);
            return null;
        }
    }

    private RowProblem? Find(JsonElement record)
    {
        Array.Clear(_found);
        if (paths is not null)
        {
            if (record.ValueKind == JsonValueKind.Array && _fromObject)
            {
                return new RowProblem(null, new ValueProblem(1216, "Invalid JSONPath format: Member is not an object."));
            }

            for (var i = 0; i < columns.Count; i++)
            {
                if (!paths[i].Find(record, out _found[i]))
                {
                    return new RowProblem(columns[i], new ValueProblem(1216, "Invalid JSONPath: the array has no such element."));
                }
            }

            return null;
        }

        if (record.ValueKind != JsonValueKind.Object)
        {
            return new RowProblem(null, new ValueProblem(1216, "Invalid JSON: 'auto' takes objects only."));
        }

        foreach (var member in record.EnumerateObject())
        {
            if (Place(member) is var place and >= 0)
            {
                _found[place] = member.Value;
            }
        }

        return null;
    }

    private int Place(JsonProperty member)
    {
        if (_ignoreCase)
        {
            return _places.TryGetValue(member.Name, out var place) ? place : -1;
        }

        for (var i = 0; i < _names.Length; i++)
        {
            if (member.NameEquals(_names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
