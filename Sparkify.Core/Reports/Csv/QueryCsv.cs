using Npgsql;
using Sparkify.Core.Common.Csv;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Core.Reports.Csv;

/// <summary>The rows of an ad-hoc query, from the server to the file piece by piece: not even one cell has to fit into memory.</summary>
internal sealed class QueryCsv(
    string fileName, IReadOnlyList<string> lines, NpgsqlCommand command, NpgsqlDataReader rows, IAsyncDisposable source,
    QueryPlace place) : CsvRows(fileName, lines, command, rows, source, place)
{
    private readonly char[] _piece = new char[16 * 1024];
    private readonly IReadOnlyList<QueryColumn> _columns = QueryWords.Columns(rows);

    protected override async ValueTask CellAsync(CsvWriter csv, NpgsqlDataReader row, int at, CancellationToken ct)
    {
        if (await row.IsDBNullAsync(at, ct))
        {
            csv.Nothing();
            return;
        }

        var length = (int)row.GetChars(at, 0, _piece, 0, _piece.Length);
        if (_columns[at].Numeric)
        {
            csv.Number(_piece.AsSpan(0, length));
        }
        else if (_columns[at].Type.StartsWith("timestamp", StringComparison.Ordinal))
        {
            csv.Moment(_piece.AsSpan(0, length));
        }
        else if (_columns[at].Type is "date" or "boolean")
        {
            csv.Number(_piece.AsSpan(0, length));
        }
        else if (length < _piece.Length)
        {
            csv.Text(_piece.AsSpan(0, length));
        }
        else
        {
            csv.BeginLong();
            for (long done = 0; length > 0; length = (int)row.GetChars(at, done, _piece, 0, _piece.Length))
            {
                csv.Piece(_piece.AsSpan(0, length));
                await csv.FlushAsync(ct);
                done += length;
            }

            csv.EndLong();
        }
    }
}
