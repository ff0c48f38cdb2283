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
        for (var at = 0; at < sql.Length; at++)
        {
            if (Skip(sql, at) is var end && end > at)
            {
                at = end - 1;
            }
            else if (Invisible.Contains(sql[at]))
            {
                clean[at] = ' ';
            }
        }

        return clean.ToString();
    }

    /// <summary>Where a text, a name in quotes or a comment that begins at a place ends; the place itself when none does.</summary>
    private static int Skip(string sql, int at) => sql[at] switch
    {
        '\'' or '"' => After(sql, sql[at].ToString(), at + 1),
        '-' when Starts(sql, at, "--") => After(sql, "\n", at),
        '/' when Starts(sql, at, "/*") => After(sql, "*/", at + 2),
        '$' when sql.IndexOf('$', at + 1) is var close && close > 0
            && sql[(at + 1)..close].All(static c => char.IsLetterOrDigit(c) || c == '_') =>
            After(sql, sql[at..(close + 1)], close + 1),
        _ => at,
    };

    private static int After(string sql, string end, int from) =>
        sql.IndexOf(end, from, StringComparison.Ordinal) is var at && at < 0 ? sql.Length : at + end.Length;

    private static bool Starts(string sql, int at, string with) => string.CompareOrdinal(sql, at, with, 0, with.Length) == 0;
}
