using Npgsql;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Core.Reports.Csv;

/// <summary>The rows of an ad-hoc query, from the server to the file piece by piece: not even one cell has to fit into memory.</summary>
internal sealed class QueryCsv(
    string fileName, IReadOnlyList<string> lines, NpgsqlDataReader rows, IReadOnlyList<IAsyncDisposable> owned, Action ended) : ICsvSource
{
    private readonly char[] _piece = new char[16 * 1024];

    public string FileName => fileName;

    public async Task WriteAsync(Stream output, CancellationToken ct, bool notes = true)
    {
        var csv = new CsvWriter(output);
        foreach (var note in notes ? lines : [])
        {
            csv.Note(note);
        }

        var columns = QueryWords.Columns(rows);
        foreach (var column in columns)
        {
            csv.Text(column.Name);
        }

        await csv.EndRowAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            for (var at = 0; at < columns.Count; at++)
            {
                await CellAsync(csv, at, columns[at].Numeric, ct);
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

        ended();
    }

    private async ValueTask CellAsync(CsvWriter csv, int at, bool numeric, CancellationToken ct)
    {
        if (await rows.IsDBNullAsync(at, ct))
        {
            csv.Cell(null);
            return;
        }

        var length = (int)rows.GetChars(at, 0, _piece, 0, _piece.Length);
        if (numeric)
        {
            csv.Number(_piece.AsSpan(0, length));
        }
        else if (length < _piece.Length)
        {
            csv.Text(_piece.AsSpan(0, length));
        }
        else
        {
            csv.BeginLong(_piece[0]);
            for (long done = 0; length > 0; length = (int)rows.GetChars(at, done, _piece, 0, _piece.Length))
            {
                csv.Piece(_piece.AsSpan(0, length));
                await csv.FlushAsync(ct);
                done += length;
            }

            csv.EndLong();
        }
    }
}
