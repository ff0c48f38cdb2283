namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>SET, RESET and SHOW. Parameters that only Redshift has are kept by the server behind under a prefix of ours.</summary>
internal static class Settings
{
    private static readonly HashSet<string> Redshifts = new(StringComparer.Ordinal)
    {
        "query_group", "wlm_query_slot_count", "enable_result_cache_for_session", "analyze_threshold_percent",
        "describe_field_name_in_uppercase",
        "enable_case_sensitive_identifier", "max_cursor_result_set_size", "mv_enable_aqmv_for_session", "enable_vacuum_boost",
        "downcase_delimited_identifier",
        "json_serialization_enable", "json_serialization_parse_nested_strings", "navigate_super_null_on_error", "parse_super_null_on_error",
        "cast_super_null_on_error",
    };

    public static Prepared Prepare(SqlScript script)
    {
        var at = script[1].Value is "session" or "local" ? 2 : 1;
        var name = script[at].Value;
        if (!Redshifts.Contains(name))
        {
            return script.Finish();
        }

        script.Replace(at, at + 1, $"sim.{name}");
        var prepared = script.Finish();
        if (name != "query_group" || script.Word == "show")
        {
            return prepared;
        }

        var label = script.Word == "set" && !script[at + 2].Is("default") ? script[at + 2].Value : null;
        return prepared with { Done = conversation => conversation.QueryGroup = label };
    }
}
