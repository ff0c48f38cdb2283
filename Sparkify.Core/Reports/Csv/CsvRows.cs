using Npgsql;

namespace Sparkify.Core.Reports.Csv;

/// <summary>The rows of a report, straight from the server to the file.</summary>
internal sealed class CsvRows(string fileName, IReadOnlyList<string> lines, NpgsqlDataReader rows, IReadOnlyList<IAsyncDisposable> owned) : ICsvSource
{
    public string FileName => fileName;

    public async Task WriteAsync(Stream output, CancellationToken ct, bool notes = true)
    {
        var csv = new CsvWriter(output);
        foreach (var note in notes ? lines : [])
        {
            csv.Note(note);
        }

        for (var at = 0; at < rows.FieldCount; at++)
        {
            csv.Text(rows.GetName(at));
        }

        await csv.EndRowAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            for (var at = 0; at < rows.FieldCount; at++)
            {
                csv.Cell(Cells.Value(rows, at));
            }

            await csv.EndRowAsync(ct);
        }

        await csv.FlushAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in owned)
        {
            await one.DisposeAsync();
        }
    }
}
