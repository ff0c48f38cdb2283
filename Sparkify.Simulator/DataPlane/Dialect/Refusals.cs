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

    private static readonly HashSet<string> NoFunction = new(StringComparer.Ordinal)
    {
        "string_agg", "array_agg", "unnest", "array_length", "array_upper", "array_lower", "array_to_string", "string_to_array",
        "array_append", "array_cat",
        "array_position", "cardinality", "jsonb_agg", "json_agg", "json_build_object", "jsonb_build_object", "to_json", "to_jsonb",
        "row_to_json", "jsonb_array_elements",
        "json_array_elements", "gen_random_uuid", "nextval", "currval", "setval", "lastval", "pg_sleep", "pg_notify", "pg_advisory_lock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock", "pg_try_advisory_xact_lock", "pg_advisory_unlock", "hashtext", "encode", "lo_import", "lo_export",
        "pg_read_file", "dblink", "make_interval",
        "make_date", "make_timestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "regexp_matches",
        "regexp_split_to_table", "regexp_split_to_array", "regexp_match", "set_config", "query_to_xml", "starts_with", "date_bin", "concat_ws",
        "format", "make_time", "make_timestamptz", "gcd", "lcm", "num_nulls", "num_nonnulls", "isfinite", "justify_days", "justify_hours",
        "justify_interval", "to_regclass", "to_regproc", "to_regtype", "string_to_table", "json_object_agg", "jsonb_object_agg",
        "jsonb_extract_path", "jsonb_extract_path_text", "json_extract_path", "json_each", "json_each_text", "json_object_keys", "json_typeof",
        "jsonb_typeof", "jsonb_set", "jsonb_pretty", "json_strip_nulls", "generate_subscripts", "array_remove", "array_replace", "array_fill",
        "array_dims", "array_ndims", "array_prepend", "array_positions", "trim_array", "width_bucket", "scale", "min_scale", "trim_scale",
        "mode", "regr_slope", "regr_intercept", "regr_r2", "corr", "covar_pop", "covar_samp", "every", "xmlagg", "xmlelement", "to_tsvector",
        "to_tsquery", "sha224", "sha256", "sha384", "sha512", "normalize", "parse_ident", "unistr", "lo_create", "lo_creat", "lo_unlink",
        "lo_get", "lo_put", "lo_from_bytea", "pg_logical_emit_message", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "pg_sleep_for",
        "pg_sleep_until", "txid_current", "dblink_connect", "dblink_exec", "random_normal", "erf", "hashtextextended", "range_agg",
    };

    /// <summary>Redshift's own, which the simulator does not have.</summary>
    private static readonly HashSet<string> NotSimulated = new(StringComparer.Ordinal)
    {
        "json_parse", "json_serialize", "can_json_parse", "hll", "hll_create_sketch", "hll_cardinality", "hll_combine", "object", "get_array_length",
        "is_array", "is_object", "crc32", "checksum", "fnv_hash", "func_sha1", "sha", "sha1", "farmfingerprint64", "murmur3_32_hash",
        "months_between", "next_day", "date_cmp", "timestamp_cmp", "interval_cmp", "percentile_disc_approximate", "soundex", "difference", "url_encode",
        "dlog1", "dlog10", "dexp", "textlen", "translate_json", "trunc_date", "st_point", "st_makepoint", "st_distance", "to_hex_varbyte",
    };

    private static readonly HashSet<string> Framed = new(StringComparer.Ordinal)
    {
        "avg", "count", "max", "min", "sum", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "first_value", "last_value", "nth_value",
    };

    private static readonly HashSet<string> LeaderOnly = new(
        StringComparer.Ordinal) { "now", "age", "substr", "current_schema", "current_schemas", "generate_series" };

    public static readonly HashSet<string> NoType = new(StringComparer.Ordinal)
    {
        "uuid", "json", "jsonb", "bytea", "xml", "money", "inet", "cidr", "macaddr", "point", "line", "lseg", "box", "path", "polygon",
        "circle", "tsvector", "tsquery",
        "bit", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "hstore", "citext", "name", "serial", "bigserial",
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
                Function(script, i);
            }

            if (token.Kind != TokenKind.Word)
            {
                continue;
            }

            Clause(script, i, open);
            if (script[i + 1].Is("(") || token.Value == "current_schema")
            {
                Function(script, i);

                leaderOnly ??= LeaderOnly.Contains(token.Value) ? token.Value : null;
            }

            onTables |= IsTable(script, i, open);
        }

        if (leaderOnly is not null && (onTables || script.Word != "select"))
        {
            throw Redshift.NotOnTables(leaderOnly);
        }
    }

    /// <summary>Calls that Redshift would not know, or not so.</summary>
    private static void Function(SqlScript script, int i)
    {
        var name = script[i].Value;
        var called = (!script[i - 1].Is(".") || script[i - 2].Value == "pg_catalog") && script[i - 1].Value is not
            ("table" or "into" or "join" or "update" or "exists" or "references" or "copy");
        if (!called)
        {
            return;
        }

        // A point in time out of a number of seconds is PostgreSQL's; Redshift's takes a text and its format.
        if (NoFunction.Contains(name) || (name == "to_timestamp" && script.Items(i + 2, script.Close(i + 1)).Count() == 1))
        {
            throw new SqlErrorException(Redshift.NoFunction(name));
        }

        if (NotSimulated.Contains(name))
        {
            throw Redshift.NotSupported($"The function {name.ToUpperInvariant()} in the simulator");
        }

        var after = script.Close(i + 1) + 1;
        if (script[after].Value is "ignore" or "respect" && script[after + 1].Is("nulls"))
        {
            throw Redshift.NotSupported($"{script[after].Value.ToUpperInvariant()} NULLS in the simulator");
        }

        if (script.Has(after, "over", "("))
        {
            Window(script, name, after + 2, script.Close(after + 1));
        }
    }

    private static void Window(SqlScript script, string name, int from, int to)
    {
        var words = Enumerable.Range(from, to - from).Select(i => script[i]).ToList();
        if (words.Exists(static w => w.Is("range") || w.Is("groups")))
        {
            throw Redshift.NotSupported("A window frame other than ROWS");
        }

        if (Framed.Contains(name) && words.Exists(static w => w.Is("order")) && !words.Exists(static w => w.Is("rows")))
        {
            throw new SqlErrorException("0A000", "Aggregate window functions with an ORDER BY clause require a frame clause");
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
            || name.StartsWith("stl_", StringComparison.Ordinal) || name.StartsWith("svv_", StringComparison.Ordinal) || name.StartsWith("stv_", StringComparison.Ordinal);
}
