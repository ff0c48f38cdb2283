using Npgsql;
using Sparkify.Core.Common.Csv;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Csv;

/// <summary>Rows of a reader on their way to a file.</summary>
/// <param name="fileName">A name for the file.</param>
/// <param name="lines">The lines that say what it is.</param>
/// <param name="command">What gives the rows.</param>
/// <param name="rows">The rows.</param>
/// <param name="source">What they are read from; it ends with them.</param>
/// <param name="place">The place it has among the queries that run at once.</param>
internal abstract class CsvRows(
    string fileName, IReadOnlyList<string> lines, NpgsqlCommand command, NpgsqlDataReader rows, IAsyncDisposable source,
    QueryPlace place) : ICsvSource
{
    private bool _whole;

    public string FileName => fileName;

    public async Task WriteAsync(Stream output, CsvForm form, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, place.Ended);
        try
        {
            await WriteRowsAsync(output, form, either.Token);
        }
        catch (Exception ex) when (place.IsWhy(ex))
        {
            throw place.Refusal(ex);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Closing a reader may fail, as the statement does whose rows it reads to their end: the others end in any case.
        using (place)
        await using (source)
        await using (command)
        await using (rows)
        {
            if (!_whole)
            {
                // Nobody wants the rest any more.
                command.Cancel();
            }
        }
    }

    /// <summary>Writes one cell.</summary>
    protected abstract ValueTask CellAsync(CsvWriter csv, NpgsqlDataReader row, int at, CancellationToken ct);

    private async Task WriteRowsAsync(Stream output, CsvForm form, CancellationToken ct)
    {
        var csv = new CsvWriter(output, form.ForExcel);
        foreach (var note in form.Notes ? lines : [])
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
                await CellAsync(csv, rows, at, ct);
            }

            await csv.EndRowAsync(ct);
        }

        _whole = true;
        await csv.FlushAsync(ct);
    }
}

/// <summary>The rows of a report, straight from the server to the file.</summary>
internal sealed class ReportCsv(
    string fileName, IReadOnlyList<string> lines, NpgsqlCommand command, NpgsqlDataReader rows, IAsyncDisposable source,
    QueryPlace place) : CsvRows(fileName, lines, command, rows, source, place)
{
    private readonly IReadOnlyList<string> _types = [.. Enumerable.Range(0, rows.FieldCount).Select(rows.GetDataTypeName)];

    protected override ValueTask CellAsync(CsvWriter csv, NpgsqlDataReader row, int at, CancellationToken ct)
    {
        csv.Cell(Cells.Value(row, at), _types[at]);
        return ValueTask.CompletedTask;
    }
}
