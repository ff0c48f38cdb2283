using System.Runtime.InteropServices;

namespace Sparkify.Simulator.State;

/// <summary>A cluster parameter group: what was set in it.</summary>
internal sealed record ParameterGroup(string Name, string Family, string Description, Dictionary<string, string> Tags)
{
    public Dictionary<string, string> Values { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>The parameters a group has, with their defaults. They are kept and shown; the SQL of a cluster does not heed them.</summary>
internal static class ParameterGroups
{
    public const string Default = "default.redshift-2.0";
    public const string Family = "redshift-2.0";

    /// <summary>The group that is always there.</summary>
    public static ParameterGroup DefaultGroup { get; } =
        new(Default, Family, "Default parameter group for redshift-2.0", new(StringComparer.Ordinal));

    public static IReadOnlyList<string> Families { get; } = ["redshift-1.0", Family];

    public static IReadOnlyList<Parameter> All { get; } =
    [
        new("auto_analyze", "true", "boolean", "true,false", "Use auto analyze"),
        new("auto_mv", "true", "boolean", "true,false", "Use auto mv"),
        new("datestyle", "ISO, MDY", "string", null, "Sets the display format for date and time values."),
        new("enable_case_sensitive_identifier", "false", "boolean", "true,false", "Preserve case sensitivity for database identifiers"),
        new("enable_user_activity_logging", "false", "boolean", "true,false", "parameter for audit logging purpose"),
        new("extra_float_digits", "0", "integer", "-15-2", "Sets the number of digits displayed for floating-point values"),
        new("max_concurrency_scaling_clusters", "1", "integer", "0-10", "The maximum concurrency scaling clusters can be used."),
        new("query_group", "default", "string", null,
            "This parameter applies a user-defined label to a group of queries that are run during the same session."),
        new("require_ssl", "true", "boolean", "true,false", "require ssl for all databaseconnections"),
        new("search_path", "$user, public", "string", null,
            "Sets the schema search order for names that are not schema-qualified."),
        new("statement_timeout", "0", "integer", "0,100-2147483647",
            "Aborts any statement that takes over the specified number of milliseconds."),
        new("use_fips_ssl", "false", "boolean", "true,false", "Use fips ssl library"),
        new("wlm_json_configuration", "[{\"auto_wlm\":true}]", "string", null, "wlm json configuration"),
    ];
}

/// <summary>A parameter.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Parameter(string Name, string Value, string Type, string? Allowed, string Description)
{
    /// <summary>Whether it can have a value.</summary>
    public bool Takes(string value) => Type switch
    {
        "boolean" => value is "true" or "false",
        "integer" => int.TryParse(value, out _),
        _ => true,
    };
}
