namespace Sparkify.Core.Reports.Queries;

/// <summary>Which of several statements in a text is meant.</summary>
public static class SqlStatements
{
    /// <summary>What is selected; without a selection, the statement the cursor stands in or before, behind the last one that.</summary>
    public static Range Meant(string sql, int from, int to)
    {
        ArgumentNullException.ThrowIfNull(sql);
        (from, to) = (Math.Clamp(from, 0, sql.Length), Math.Clamp(to, 0, sql.Length));
        if (!string.IsNullOrWhiteSpace(sql[from..to]))
        {
            return Trimmed(sql, from, to);
        }

        var (start, says, meant) = (0, false, 0..sql.Length);
        foreach (var piece in SqlPieces.Of(sql))
        {
            if (piece.Kind == SqlKind.Sign && sql[piece.Start] == ';')
            {
                if (says)
                {
                    meant = start..piece.Start;
                    if (from <= piece.End)
                    {
                        return Trimmed(sql, start, piece.Start);
                    }
                }

                (start, says) = (piece.End, false);
            }
            else
            {
                says |= piece.Kind is not (SqlKind.Space or SqlKind.Comment);
            }
        }

        return says ? Trimmed(sql, start, sql.Length) : Trimmed(sql, meant.Start.Value, meant.End.Value);
    }

    /// <summary>
    /// The word a statement begins with, in lower case, whatever brackets stand before it; none when it begins with no word.
    /// </summary>
    internal static string? Verb(string sql)
    {
        foreach (var piece in SqlPieces.Of(sql))
        {
            if (piece.Kind is SqlKind.Space or SqlKind.Comment || (piece.Kind == SqlKind.Sign && sql[piece.Start] is '(' or ';'))
            {
                continue;
            }

            return piece.Kind == SqlKind.Word ? sql[piece.Start..piece.End].ToLowerInvariant() : null;
        }

        return null;
    }

    private static Range Trimmed(string sql, int from, int to)
    {
        while (from < to && char.IsWhiteSpace(sql[from]))
        {
            from++;
        }

        while (to > from && char.IsWhiteSpace(sql[to - 1]))
        {
            to--;
        }

        return from..to;
    }
}
