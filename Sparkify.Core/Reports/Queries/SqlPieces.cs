using System.Runtime.InteropServices;

namespace Sparkify.Core.Reports.Queries;

/// <summary>What a piece of SQL is.</summary>
public enum SqlKind
{
    /// <summary>Blanks and line ends.</summary>
    Space,

    /// <summary>A keyword, a name or a number.</summary>
    Word,

    /// <summary>A text, or a name in quotes.</summary>
    Quoted,

    /// <summary>A comment.</summary>
    Comment,

    /// <summary>A parameter: <c>{{from}}</c>.</summary>
    Parameter,

    /// <summary>Any other character.</summary>
    Sign,
}

/// <summary>A piece of SQL.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the next begins.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SqlPiece(SqlKind Kind, int Start, int End);

/// <summary>Takes SQL apart, as far as one must to know what is code and what is text. The pieces together are the whole.</summary>
public static class SqlPieces
{
    /// <summary>The pieces, in order.</summary>
    public static IEnumerable<SqlPiece> Of(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        for (var at = 0; at < sql.Length;)
        {
            var (kind, end) = Next(sql, at);
            yield return new SqlPiece(kind, at, end);
            at = end;
        }
    }

    /// <summary>A parameter's name.</summary>
    public static string Name(string sql, SqlPiece parameter)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return sql[(parameter.Start + 2)..(parameter.End - 2)].Trim();
    }

    private static (SqlKind Kind, int End) Next(string sql, int at)
    {
        var first = sql[at];
        if (char.IsWhiteSpace(first))
        {
            return (SqlKind.Space, While(sql, at, char.IsWhiteSpace));
        }

        // Only with an E before it does a text know backslashes.
        if (first is 'e' or 'E' && Starts(sql, at + 1, "'"))
        {
            return (SqlKind.Quoted, AfterEscaped(sql, at + 2));
        }

        if (Letter(first))
        {
            return (SqlKind.Word, While(sql, at, Letter));
        }

        return first switch
        {
            '\'' or '"' => (SqlKind.Quoted, After(sql, first.ToString(), at + 1)),
            '-' when Starts(sql, at, "--") => (SqlKind.Comment, LineEnd(sql, at)),
            '/' when Starts(sql, at, "/*") => (SqlKind.Comment, AfterComment(sql, at + 2)),
            '$' when sql.IndexOf('$', at + 1) is var close && close > 0 && sql.AsSpan((at + 1)..close).ContainsNothingBut(Letter) =>
                (SqlKind.Quoted, After(sql, sql[at..(close + 1)], close + 1)),
            '{' when Starts(sql, at, "{{") && sql.IndexOf("}}", at, StringComparison.Ordinal) is var close && close > 0
                && sql.AsSpan((at + 2)..close).Trim() is { Length: > 0 } name && name.ContainsNothingBut(Letter) =>
                (SqlKind.Parameter, close + 2),
            _ => (SqlKind.Sign, at + 1),
        };
    }

    private static bool Letter(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static bool ContainsNothingBut(this ReadOnlySpan<char> text, Predicate<char> wanted)
    {
        foreach (var c in text)
        {
            if (!wanted(c))
            {
                return false;
            }
        }

        return true;
    }

    private static int While(string sql, int at, Predicate<char> wanted)
    {
        while (at < sql.Length && wanted(sql[at]))
        {
            at++;
        }

        return at;
    }

    private static int LineEnd(string sql, int from) => sql.IndexOf('\n', from) is var at && at < 0 ? sql.Length : at;

    private static int After(string sql, string end, int from) =>
        sql.IndexOf(end, from, StringComparison.Ordinal) is var at && at < 0 ? sql.Length : at + end.Length;

    private static int AfterEscaped(string sql, int at)
    {
        while (at < sql.Length && sql[at] != '\'')
        {
            at += sql[at] == '\\' ? 2 : 1;
        }

        return Math.Min(at + 1, sql.Length);
    }

    // Comments of this kind stand within each other.
    private static int AfterComment(string sql, int at)
    {
        for (var depth = 1; at < sql.Length; at++)
        {
            depth += Starts(sql, at, "/*") ? 1 : Starts(sql, at, "*/") ? -1 : 0;
            if (depth == 0)
            {
                return at + 2;
            }

            at += Starts(sql, at, "/*") || Starts(sql, at, "*/") ? 1 : 0;
        }

        return sql.Length;
    }

    private static bool Starts(string sql, int at, string with) => string.CompareOrdinal(sql, at, with, 0, with.Length) == 0;
}
