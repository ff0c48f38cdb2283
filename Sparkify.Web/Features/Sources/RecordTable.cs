using System.Text.Encodings.Web;
using System.Text.Json;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Web.Features.Sources;

/// <summary>Records side by side: a column for each key any of them has.</summary>
public sealed record RecordTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows)
{
    private const int MostColumns = 60;

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = RecordLimits.MaxDepth };

    // It ends up as text in the page, which escapes it once more: people should see é, not \u00E9.
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, MaxDepth = RecordLimits.MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Lays records out; what is no JSON object is left out.</summary>
    public static RecordTable Of(IEnumerable<SourceRecord> records)
    {
        List<string> keys = [];
        List<Dictionary<string, string?>> rows = [];
        foreach (var record in records)
        {
            if (record.Problem is not null || Parse(record.Text) is not { } document)
            {
                continue;
            }

            using (document)
            {
                Dictionary<string, string?> row = new(StringComparer.Ordinal);
                foreach (var property in document.RootElement.EnumerateObject())
                {
                    var key = Safe(() => property.Name) ?? "\uFFFD";
                    row[key] = property.Value.ValueKind switch
                    {
                        JsonValueKind.Null => null,
                        JsonValueKind.String => Safe(property.Value.GetString) ?? property.Value.GetRawText(),
                        _ => property.Value.GetRawText(),
                    };
                    if (keys.Count < MostColumns && !keys.Contains(key, StringComparer.Ordinal))
                    {
                        keys.Add(key);
                    }
                }

                rows.Add(row);
            }
        }

        // A key that is not there is not the same as null; in a table it is an empty cell.
        return new RecordTable(keys, [.. rows.Select(
            row => (IReadOnlyList<string?>)[.. keys.Select(key => row.TryGetValue(key, out var value) ? value : "")])]);
    }

    /// <summary>A record as indented JSON; as it stands when it is none.</summary>
    public static string Pretty(SourceRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.Problem is not null || Parse(record.Text) is not { } document)
        {
            return record.Text;
        }

        using (document)
        {
            return Safe(() => JsonSerializer.Serialize(document.RootElement, Readable)) ?? record.Text;
        }
    }

    // A very long record is cut, and then no JSON any more.
    private static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Depth);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Half a surrogate pair can be written in JSON, but is no text.
    private static string? Safe(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
