using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>What PostgreSQL takes and Redshift does not.</summary>
internal static class Refusals
{
    private static readonly HashSet<string> NoStatement = new(StringComparer.Ordinal)
    {
        "savepoint", "release", "listen", "unlisten", "notify", "discard", "do", "checkpoint", "cluster", "reindex", "load", "import",
        "security", "unload",
    };

    private static readonly HashSet<string> NotCreated = new(StringComparer.Ordinal)
    {
        "index", "sequence", "extension", "trigger", "type", "domain", "rule", "function", "aggregate", "operator", "cast", "collation",
        "server",
        "publication", "subscription", "statistics", "event", "tablespace", "language", "policy", "database", "external", "role",
        "procedure", "recursive", "foreign",
    };

    private static readonly HashSet<string> LeaderOnly = new(
        StringComparer.Ordinal) { "now", "age", "isfinite", "substr", "current_schema", "current_schemas", "generate_series" };

    public static readonly HashSet<string> NoType = new(StringComparer.Ordinal)
    {
        "uuid", "json", "jsonb", "bytea", "xml", "money", "inet", "cidr", "macaddr", "point", "line", "lseg", "box", "path", "polygon",
        "circle", "tsvector", "tsquery",
        "bit", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "hstore", "citext", "name", "regrole", "serial", "bigserial",
        "smallserial", "serial4", "serial8",
    };

    /// <summary>Types of parameters that Redshift cannot take: arrays, bytea, uuid, json, jsonb and xml.</summary>
    public static void ParameterType(int oid)
    {
        if (oid is 1000 or 1001 or 1005 or 1007 or 1009 or 1014 or 1015 or 1016 or 1021 or 1022 or 1115 or 1182 or 1185 or 1231 or 2951)
        {
            throw new SqlErrorException("22P03", "invalid array flags", "Redshift has no arrays: pass the values one by one.");
        }

        if (oid is 17 or 2950 or 114 or 3802 or 142)
        {
            throw new SqlErrorException("0A000", $"Parameters of the type {oid switch { 17 => "bytea", 2950 => "uuid", 114 => "json", 3802 => "jsonb", _ => "xml" }} are not supported: pass them as text.");
        }
    }

    public static void Check(SqlScript script)
    {
        Statement(script);
        var open = new Stack<int>();
        var (onTables, leaderOnly) = (false, (string?)null);
        for (var i = 0; i < script.Count; i++)
        {
            var token = script[i];
            if (token.Is("("))
            {
                open.Push(i);
            }
            else if (token.Is(")") && open.Count > 0)
            {
                open.Pop();
            }
            else if (token.Is("u") && script[i + 1].Is("&") && script[i + 2].Kind is TokenKind.Quoted or TokenKind.Text
                && script[i + 2].Start == token.End + 1)
            {
                throw script.SyntaxError(i, "There are no names or texts with Unicode escapes.");
            }
            else if (token.Is("["))
            {
                throw new SqlErrorException("0A000", "Arrays are not supported.");
            }

            Type(script, i, open);
            if (token.Kind == TokenKind.Quoted && script[i + 1].Is("("))
            {
                FunctionRefusals.Check(script, i);
            }

            if (token.Kind != TokenKind.Word)
            {
                continue;
            }

            Clause(script, i, open);
            if (script[i + 1].Is("(") || token.Value == "current_schema")
            {
                FunctionRefusals.Check(script, i);

                leaderOnly ??= LeaderOnly.Contains(token.Value) ? token.Value : null;
            }

            onTables |= IsTable(script, i, open);
        }

        if (leaderOnly is not null && (onTables || script.Word != "select"))
        {
            throw Redshift.NotOnTables(leaderOnly);
        }
    }

    private static void Statement(SqlScript script)
    {
        var second = script[1].Value;
        switch (script.Word)
        {
            case var word when NoStatement.Contains(word):
                throw Redshift.NotSupported(word.ToUpperInvariant());
            case "values" or "table":
                throw script.SyntaxError(0);
            case "rollback" or "abort" when script.Count > 1 && Enumerable.Range(1, script.Count - 1).Any(i => script[i].Is("to")):
                throw Redshift.NotSupported("ROLLBACK TO SAVEPOINT");
            case "explain" when second == "analyze":
                throw script.SyntaxError(1);
            case "set" when second == "role" || script.Has(1, "session", "authorization"):
                throw Redshift.NotSupported("Changing the user of a session in the simulator");
            case "comment" when script[2].Is("index"):
                throw script.SyntaxError(2);
            case "create" or "alter" or "drop":
                var what = script.Has(1, "or", "replace") ? 3 : second is "unique" or "constraint" ? 2 : 1;
                if (script[what].Is("unlogged"))
                {
                    throw script.SyntaxError(what, "There are no unlogged tables.");
                }

                if (NotCreated.Contains(script[what].Value))
                {
                    throw Redshift.NotSupported($"{script.Word.ToUpperInvariant()} {script[what].Value.ToUpperInvariant()}");
                }

                break;
        }
    }

    private static void Clause(SqlScript script, int i, Stack<int> open)
    {
        switch (script[i].Value)
        {
            case "on" when script[i + 1].Is("conflict"):
            case "returning" when i > 0 && script.Word is "insert" or "update" or "delete" or "with" or "merge":
            case "lateral":
            case "tablesample":
            case "ordinality":
                throw script.SyntaxError(i);
            case "distinct" when script[i + 1].Is("on"):
                throw Redshift.NotSupported("SELECT DISTINCT ON");
            case "filter" when script.Has(i + 1, "(", "where"):
                throw script.SyntaxError(i + 1);
            case "any" or "some" or "all" when script[i + 1].Is("(") && script[i - 1].Value is "=" or "<" or ">"
                && script[i + 2].Value is not ("select" or "with" or "("):
                throw new SqlErrorException("0A000", "ANY and ALL with an array are not supported: list the values with IN.");
            case "for" when script.Word is "select" or "with" && script[i + 1].Value is "update" or "share" or "no" or "key":
                throw Redshift.NotSupported("SELECT FOR UPDATE");
            case "values" when script.Word is not ("insert" or "merge") || (script.Word == "insert" && open.Count > 0):
                throw script.SyntaxError(i, "VALUES is not a table: use SELECT … UNION ALL.");
            case "insert" or "update" or "delete" when script.Word == "with" && open.Count > 0 && script[i - 1].Is("("):
                throw script.SyntaxError(i);
        }
    }

    /// <summary>Refuses a NUMERIC of more digits than there are; its first number stands at an index.</summary>
    public static void Precision(SqlScript script, int at)
    {
        if (int.TryParse(script[at].Value, out var digits) && digits is < 1 or > 38)
        {
            throw new SqlErrorException("22023", $"NUMERIC precision {digits} must be between 1 and 38");
        }
    }

    private static void Type(SqlScript script, int i, Stack<int> open)
    {
        if (script[i].Value is "numeric" or "decimal" && script[i - 1].Value is "::" or "as" && script[i + 1].Is("("))
        {
            Precision(script, i + 2);
        }

        if (!NoType.Contains(script[i].Value) || !script[i].IsName)
        {
            return;
        }

        var cast = script[i - 1].Is("::") || (script[i - 1].Is("as") && open.Count > 0 && script[open.Peek() - 1].Is("cast"));
        if (cast && script[i].Value != "name")
        {
            throw new SqlErrorException("42704", $"type \"{script[i].Value}\" does not exist");
        }
    }

    /// <summary>Whether a word is a FROM or JOIN with a table of a user behind it.</summary>
    private static bool IsTable(SqlScript script, int i, Stack<int> open)
    {
        var from = script[i].Value is "from" && !script[i - 1].Is("distinct")
            && !(open.Count > 0 && script[open.Peek() - 1].Value is "extract" or "substring" or "trim" or "overlay" or "position");
        return (from || script[i].Value is "join") && script[i + 1].IsName && !script[i + 2].Is("(") && !IsCatalogue(script[i + 1].Value);
    }

    private static bool IsCatalogue(string name)
        => name is "information_schema" || name.StartsWith("pg_", StringComparison.Ordinal)
            || name.StartsWith("sys_", StringComparison.Ordinal)
            || name.StartsWith("stl_", StringComparison.Ordinal) || name.StartsWith("svv_", StringComparison.Ordinal)
            || name.StartsWith("stv_", StringComparison.Ordinal);
}
