using Sparkify.Core.Common.Csv;

namespace Sparkify.Core.Audit;

/// <summary>Lines of the audit trail as CSV for people. What others typed stands in them: none of it becomes a formula.</summary>
public static class AuditCsv
{
    private static readonly string[] Headings =
        ["id", "at", "actor", "address", "via", "what", "warehouse", "detail", "outcome", "said"];

    /// <summary>Writes the headings and all lines.</summary>
    public static async Task WriteAsync(IAsyncEnumerable<AuditLine> lines, Stream output, CancellationToken ct)
    {
        var csv = new CsvWriter(output, forExcel: true);
        foreach (var heading in Headings)
        {
            csv.Text(heading);
        }

        await csv.EndRowAsync(ct);
        await foreach (var line in lines.WithCancellation(ct))
        {
            csv.Number($"{line.Id}");
            csv.Number(line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            Text(csv, line.Actor);
            Text(csv, line.Address);
            Text(csv, line.Via);
            Text(csv, line.What);
            Text(csv, line.Warehouse);
            Text(csv, line.Detail);
            Text(csv, line.Outcome.ToString().ToLowerInvariant());
            Text(csv, line.Said);
            await csv.EndRowAsync(ct);
        }

        await csv.FlushAsync(ct);
    }

    private static void Text(CsvWriter csv, string? text)
    {
        if (text is null)
        {
            csv.Nothing();
        }
        else
        {
            csv.Text(text);
        }
    }
}
