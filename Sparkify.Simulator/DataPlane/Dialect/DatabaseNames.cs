using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>
/// Names with a database in front: <c>db.schema.table</c> where a table, view or function is meant, and <c>db.schema.table.column</c>
/// anywhere. The server behind knows the cluster's database by another name, so that of the one a session is in is left out; another's is
/// refused.
/// </summary>
internal static class DatabaseNames
{
    private static readonly HashSet<string> BeforeTable = new(StringComparer.Ordinal)
    {
        "from", "join", "into", "update", "table", "view", "exists", "only", "references", "copy", "truncate", "analyze", "vacuum", "delete",
        "using",
    };

    /// <summary>Words that may stand between those and the table.</summary>
    private static readonly HashSet<string> Between = new(StringComparer.Ordinal)
    {
        "only", "full", "sort", "delete", "reindex", "recluster", "compression", "if", "not", "exists", "table", "view", "materialized", "all",
    };

    private static readonly HashSet<string> EndOfTables = new(StringComparer.Ordinal)
    {
        "select", "where", "group", "having", "order", "limit", "offset", "fetch", "qualify", "window", "set", "when", "values", "union",
        "except", "intersect", "minus", "with",
    };

    private static readonly HashSet<string> WithFrom = new(StringComparer.Ordinal) { "extract", "substring", "trim", "overlay", "position" };

    /// <summary>The tokens to leave out.</summary>
    public static HashSet<int> Of(SqlScript script, string database)
    {
        HashSet<int> gone = [];
        var frames = new Stack<Frame>();
        var frame = new Frame(-1, List: script.Word is "drop" or "grant" or "revoke" or "lock", Expects: false);
        for (var i = 0; i < script.Count; i++)
        {
            if (script[i].Is("("))
            {
                frames.Push(frame with { Expects = false });
                frame = new Frame(i, frame.Expects, frame.Expects);
            }
            else if (script[i].Is(")") && frames.Count > 0)
            {
                frame = frames.Pop();
            }
            else if (script[i].Is(","))
            {
                frame = frame with { Expects = frame.List };
            }
            else if (script[i].IsName)
            {
                var names = Length(script, i);
                if (names == 1 && script[i].Kind == TokenKind.Word && Word(script, i, frame) is { } next)
                {
                    frame = next;
                    continue;
                }

                if (HasDatabase(script, i, names, frame.Expects))
                {
                    if (script[i].Value != database)
                    {
                        throw new SqlErrorException("0A000", $"cross-database reference to database \"{script[i].Value}\" is not supported");
                    }

                    gone.UnionWith([i, i + 1]);
                }

                i += 2 * (names - 1);
                frame = frame with { Expects = false };
            }
        }

        return gone;
    }

    /// <summary>How many names with dots between them begin here; a star at the end is one.</summary>
    private static int Length(SqlScript script, int at)
    {
        var names = 1;
        while (script[at + (2 * names) - 1].Is(".") && (script[at + (2 * names)].IsName || script[at + (2 * names)].Is("*")))
        {
            names++;
        }

        return names;
    }

    private static bool HasDatabase(SqlScript script, int at, int names, bool isTable) =>
        names == 4 ? !isTable : names == 3 && (isTable || script[at + 5].Is("("));

    /// <summary>What a word of the language makes of what comes next; none when it is a name.</summary>
    private static Frame? Word(SqlScript script, int i, Frame frame)
    {
        var word = script[i].Value;
        if (word == "from")
        {
            return script[i - 1].Is("distinct") || (frame.Open > 0 && WithFrom.Contains(script[frame.Open - 1].Value))
                ? frame
                : frame with { List = true, Expects = true };
        }

        if (EndOfTables.Contains(word) && script.Word is not ("grant" or "revoke"))
        {
            return frame with { List = false, Expects = false };
        }

        var before = BeforeTable.Contains(word) || (word == "on" && script.Word is "grant" or "revoke" or "comment")
            || (word == "like" && script.Word == "create" && script[i - 1].Value is "(" or ",");
        return before ? frame with { List = frame.List || word == "using", Expects = true }
            : frame.Expects && Between.Contains(word) ? frame
            : null;
    }

    /// <summary>What is known within parentheses.</summary>
    /// <param name="Open">Where they open.</param>
    /// <param name="List">Whether tables stand between commas there.</param>
    /// <param name="Expects">Whether the next name is a table's.</param>
    private sealed record Frame(int Open, bool List, bool Expects);
}
