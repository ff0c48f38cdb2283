using System.Buffers;
using System.Text;

namespace Sparkify.Core.Reports.Queries;

/// <summary>Takes out of SQL what comes along invisibly when it is pasted; texts, names in quotes and comments stay as they are.</summary>
internal static class PastedSql
{
    private static readonly SearchValues<char> Invisible = SearchValues.Create("\u00A0\u2007\u202F\u200B\u2060\uFEFF");

    /// <summary>The statement with blanks in place of no-break and zero-width spaces and of byte order marks; no character moves.</summary>
    public static string Clean(string sql)
    {
        if (sql.AsSpan().IndexOfAny(Invisible) < 0)
        {
            return sql;
        }

        StringBuilder clean = new(sql);
        foreach (var piece in SqlPieces.Of(sql))
        {
            for (var at = piece.Start; at < piece.End && piece.Kind is not (SqlKind.Quoted or SqlKind.Comment); at++)
            {
                clean[at] = Invisible.Contains(sql[at]) ? ' ' : sql[at];
            }
        }

        return clean.ToString();
    }
}
