using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Functions that PostgreSQL has and Redshift does not, or not so; and those of Redshift that the simulator lacks.</summary>
internal static class FunctionRefusals
{
    private static readonly HashSet<string> Unknown = new(StringComparer.Ordinal)
    {
        "string_agg", "array_agg", "unnest", "array_length", "array_upper", "array_lower", "string_to_array",
        "array_append", "array_cat",
        "array_position", "cardinality", "jsonb_agg", "json_agg", "json_build_object", "jsonb_build_object", "to_json", "to_jsonb",
        "row_to_json", "jsonb_array_elements",
        "json_array_elements", "gen_random_uuid", "nextval", "currval", "setval", "lastval", "pg_sleep", "pg_notify", "pg_advisory_lock",
        "pg_advisory_xact_lock",
        "pg_try_advisory_lock", "pg_try_advisory_xact_lock", "pg_advisory_unlock", "hashtext", "encode", "lo_import", "lo_export",
        "pg_read_file", "dblink", "make_interval",
        "make_date", "make_timestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "regexp_matches",
        "regexp_split_to_table", "regexp_split_to_array", "regexp_match", "set_config", "query_to_xml", "starts_with", "date_bin", "concat_ws",
        "format", "make_time", "make_timestamptz", "gcd", "lcm", "num_nulls", "num_nonnulls", "justify_days", "justify_hours",
        "justify_interval", "to_regclass", "to_regproc", "to_regtype", "string_to_table", "json_object_agg", "jsonb_object_agg",
        "jsonb_extract_path", "jsonb_extract_path_text", "json_extract_path", "json_each", "json_each_text", "json_object_keys", "json_typeof",
        "jsonb_typeof", "jsonb_set", "jsonb_pretty", "json_strip_nulls", "generate_subscripts", "array_remove", "array_replace", "array_fill",
        "array_dims", "array_ndims", "array_prepend", "array_positions", "trim_array", "width_bucket", "scale", "min_scale", "trim_scale",
        "mode", "regr_slope", "regr_intercept", "regr_r2", "corr", "covar_pop", "covar_samp", "every", "xmlagg", "xmlelement", "to_tsvector",
        "to_tsquery", "div", "setseed", "bit_length", "overlay", "convert_to", "convert_from", "quote_nullable",
        "sha224", "sha256", "sha384", "sha512", "normalize", "parse_ident", "unistr", "lo_create", "lo_creat", "lo_unlink",
        "lo_get", "lo_put", "lo_from_bytea", "pg_logical_emit_message", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "pg_sleep_for",
        "pg_sleep_until", "txid_current", "dblink_connect", "dblink_exec", "hashtextextended", "range_agg",
    };

    /// <summary>Redshift's own, which the simulator does not have.</summary>
    private static readonly HashSet<string> NotSimulated = new(StringComparer.Ordinal)
    {
        "json_parse", "json_serialize", "can_json_parse", "hll", "hll_create_sketch", "hll_cardinality", "hll_combine", "object",
        "get_array_length",
        "is_array", "is_object", "crc32", "checksum", "fnv_hash", "func_sha1", "sha", "sha1", "farmfingerprint64", "murmur3_32_hash",
        "next_day", "date_cmp", "timestamp_cmp", "interval_cmp", "soundex", "difference",
        "st_point", "st_makepoint", "st_distance",
    };

    private static readonly HashSet<string> Framed = new(StringComparer.Ordinal)
    {
        "avg", "count", "max", "min", "sum", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "first_value", "last_value",
        "nth_value",
    };

    /// <summary>Calls that Redshift would not know, or not so.</summary>
    public static void Check(SqlScript script, int i)
    {
        var name = script[i].Value;
        var called = (!script[i - 1].Is(".") || script[i - 2].Value == "pg_catalog") && script[i - 1].Value is not
            ("table" or "into" or "join" or "update" or "exists" or "references" or "copy");
        if (!called)
        {
            return;
        }

        // A point in time out of a number of seconds is PostgreSQL's; Redshift's takes a text and its format.
        if (Unknown.Contains(name) || (name == "to_timestamp" && script.Items(i + 2, script.Close(i + 1)).Count() == 1))
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
        var places = Enumerable.Range(from, to - from).ToList();
        if (places.Exists(i => IsFrame(script, i, "range") || IsFrame(script, i, "groups")))
        {
            throw Redshift.NotSupported("A window frame other than ROWS");
        }

        if (Framed.Contains(name) && places.Exists(i => script.Has(i, "order", "by")) && !places.Exists(i => IsFrame(script, i, "rows")))
        {
            throw new SqlErrorException("0A000", "Aggregate window functions with an ORDER BY clause require a frame clause");
        }
    }

    private static bool IsFrame(SqlScript script, int i, string unit) =>
        script[i].Is(unit) && (script[i + 1].Value is "between" or "unbounded" or "current" || script[i + 1].Kind == TokenKind.Number);
}
