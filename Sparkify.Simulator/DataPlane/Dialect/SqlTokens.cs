namespace Sparkify.Simulator.DataPlane.Dialect;

internal enum TokenKind
{
    Word,
    Quoted,
    Text,
    Number,
    Parameter,
    Symbol,
}

/// <summary>
/// A token of SQL. Words are in lower case; quoted names are without their quotes and in lower case too, as Redshift folds them.
/// </summary>
internal readonly record struct Token(TokenKind Kind, int Start, int End, string Value)
{
    public bool IsName => Kind is TokenKind.Word or TokenKind.Quoted;

    public bool Is(string word) => Kind is TokenKind.Word or TokenKind.Symbol && Value == word;
}

/// <summary>
/// Cuts SQL into tokens: strings with doubled quotes or backslashes, quoted names, dollar quotes and comments are what they are.
/// </summary>
internal static class SqlTokens
{
    /// <summary>The statements of a text, each as its tokens.</summary>
    public static List<List<Token>> Statements(string sql)
    {
        List<List<Token>> statements = [];
        List<Token> current = [];
        foreach (var token in Read(sql))
        {
            if (!token.Is(";"))
            {
                current.Add(token);
            }
            else if (current.Count > 0)
            {
                statements.Add(current);
                current = [];
            }
        }

        if (current.Count > 0)
        {
            statements.Add(current);
        }

        return statements;
    }

    private static IEnumerable<Token> Read(string sql)
    {
        var at = 0;
        while ((at = SkipSpace(sql, at)) < sql.Length)
        {
            var (kind, end) = Next(sql, at);
            var raw = sql[at..end];
            yield return new Token(kind, at, end, kind switch
            {
                TokenKind.Word => raw.ToLowerInvariant(),
                TokenKind.Quoted => raw[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal).ToLowerInvariant(),
                TokenKind.Text => TextOf(raw),
                _ => raw,
            });
            at = end;
        }
    }

    private static (TokenKind Kind, int End) Next(string sql, int at)
    {
        var c = sql[at];
        var next = at + 1 < sql.Length ? sql[at + 1] : '\0';
        if (c == '\'' || (c is 'e' or 'E' or 'n' or 'N' or 'b' or 'B' or 'x' or 'X' && next == '\''))
        {
            return (TokenKind.Text, EndOfText(sql, c == '\'' ? at + 1 : at + 2));
        }

        if (c == '"')
        {
            return (TokenKind.Quoted, EndOfQuoted(sql, at + 1));
        }

        // A temporary table's name; between two operands it is the operator.
        var temporary = c == '#' && char.IsLetter(next) && (at == 0 || !(char.IsLetterOrDigit(sql[at - 1]) || sql[at - 1] is ')' or '_'));
        if (char.IsLetter(c) || c == '_' || temporary)
        {
            return (TokenKind.Word, While(sql, at + 1, static c => char.IsLetterOrDigit(c) || c is '_' or '$'));
        }

        if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(next)))
        {
            return (TokenKind.Number, While(sql, at, static c => char.IsLetterOrDigit(c) || c == '.'));
        }

        if (c == '$')
        {
            var tag = While(sql, at + 1, static c => char.IsLetterOrDigit(c) || c == '_');
            if (char.IsAsciiDigit(next))
            {
                return (TokenKind.Parameter, tag);
            }

            if (tag < sql.Length && sql[tag] == '$')
            {
                var end = sql.IndexOf(sql[at..(tag + 1)], tag + 1, StringComparison.Ordinal);
                return (TokenKind.Text, end < 0 ? sql.Length : end + tag + 1 - at);
            }
        }

        return (TokenKind.Symbol, c == ':' && next == ':' ? at + 2 : at + 1);
    }

    private static int EndOfText(string sql, int at)
    {
        for (; at < sql.Length; at++)
        {
            if (sql[at] == '\\')
            {
                at++;
            }
            else if (sql[at] == '\'')
            {
                if (at + 1 >= sql.Length || sql[at + 1] != '\'')
                {
                    return at + 1;
                }

                at++;
            }
        }

        return sql.Length;
    }

    private static int EndOfQuoted(string sql, int at)
    {
        for (; at < sql.Length; at++)
        {
            if (sql[at] == '"')
            {
                if (at + 1 >= sql.Length || sql[at + 1] != '"')
                {
                    return at + 1;
                }

                at++;
            }
        }

        throw new Wire.SqlErrorException("42601", "unterminated quoted identifier");
    }

    /// <summary>What a literal says.</summary>
    private static string TextOf(string raw)
    {
        if (raw[0] == '$')
        {
            var tag = raw.IndexOf('$', 1) + 1;
            return raw.Length >= 2 * tag ? raw[tag..^tag] : "";
        }

        var from = raw.IndexOf('\'', StringComparison.Ordinal) + 1;
        if (raw.Length <= from || raw[^1] != '\'')
        {
            throw new Wire.SqlErrorException("42601", "unterminated quoted string");
        }

        var text = new System.Text.StringBuilder(raw.Length);
        for (var i = from; i < raw.Length - 1; i++)
        {
            if (raw[i] is '\\' or '\'')
            {
                i++;
            }

            text.Append(raw[i] switch { 'n' when raw[i - 1] == '\\' => '\n', 't' when raw[i - 1] == '\\' => '\t', var c => c });
        }

        return text.ToString();
    }

    private static int SkipSpace(string sql, int at)
    {
        while (at < sql.Length)
        {
            if (char.IsWhiteSpace(sql[at]))
            {
                at++;
            }
            else if (sql.AsSpan(at).StartsWith("--"))
            {
                var end = sql.IndexOf('\n', at);
                at = end < 0 ? sql.Length : end + 1;
            }
            else if (sql.AsSpan(at).StartsWith("/*"))
            {
                at = EndOfComment(sql, at + 2);
            }
            else
            {
                break;
            }
        }

        return at;
    }

    private static int EndOfComment(string sql, int at)
    {
        for (var depth = 1; at < sql.Length; at++)
        {
            if (sql.AsSpan(at).StartsWith("/*"))
            {
                (depth, at) = (depth + 1, at + 1);
            }
            else if (sql.AsSpan(at).StartsWith("*/"))
            {
                at++;
                if (--depth == 0)
                {
                    return at + 1;
                }
            }
        }

        return sql.Length;
    }

    private static int While(string sql, int at, Func<char, bool> part)
    {
        while (at < sql.Length && part(sql[at]))
        {
            at++;
        }

        return at;
    }
}
