using System.Diagnostics;
using System.Globalization;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Shared;

/// <summary>Numbers, sizes, times and names as people read them. What is not known is nothing: neither 0 nor a dash.</summary>
public static class Format
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>14,896.</summary>
    public static string Count(long? value) => value is { } v ? v.ToString("N0", CultureInfo.InvariantCulture) : "";

    /// <summary>3 rejects, 1 reject.</summary>
    public static string Count(long value, string one, string? many = null) => $"{Count(value)} {(value == 1 ? one : many ?? one + "s")}";

    /// <summary>1st, 2nd, 3rd, 4th, 11th.</summary>
    public static string Ordinal(int value) =>
        $"{Count(value)}{((value % 100) is 11 or 12 or 13 ? "th" : (value % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" })}";

    /// <summary>12.3 MB.</summary>
    public static string Bytes(long? value)
    {
        if (value is not { } left)
        {
            return "";
        }

        var size = (double)left;
        var unit = 0;
        while (Math.Abs(size) >= 999.95 && unit < Units.Length - 1)
        {
            size /= 1000;
            unit++;
        }

        return unit == 0
            ? $"{left} B"
            : string.Create(
                CultureInfo.InvariantCulture, $"{size.ToString(size < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}");
    }

    /// <summary>$13.03, $0.543.</summary>
    public static string Dollars(decimal? value) => value is { } v
        ? v.ToString(v is > 0 and < 10 && decimal.Round(v, 2) != v ? "$0.00##" : "$#,0.00", CultureInfo.InvariantCulture)
        : "";

    /// <summary>What a role lets a person do.</summary>
    public static string Role(Role role) => role switch
    {
        Core.Common.Access.Role.Viewer => "Overview, tables, reports",
        Core.Common.Access.Role.Analyst => "A viewer's, and queries, exports, dashboards",
        Core.Common.Access.Role.Operator => "An analyst's, and load, check, cancel, retry, decide, schedule",
        Core.Common.Access.Role.Engineer => "An operator's, and sources, provision, pause, tear down",
        Core.Common.Access.Role.Admin => "Everything, people and settings included",
        Core.Common.Access.Role.Auditor => "A viewer's, and the audit trail",
        _ => throw new UnreachableException($"No words for {role}."),
    };

    /// <summary>42 %.</summary>
    public static string Share(double? value) => value is { } v ? $"{Math.Floor(Math.Clamp(v, 0, 1) * 100):0} %" : "";

    /// <summary>62.1 %, of two counts; nothing of nothing.</summary>
    public static string Percent(long part, long whole) =>
        whole == 0 ? "" : ((double)part / whole).ToString("0.# %", CultureInfo.InvariantCulture);

    /// <summary>12,345/s.</summary>
    public static string Rate(double? rowsPerSecond) =>
        rowsPerSecond is { } v && double.IsFinite(v) ? $"{Count((long)Math.Round(v))}/s" : "";

    /// <summary>420 ms, 4.2 s, 17.2 s, 1 m 12 s, 2 h 05 m, 3 d 04 h.</summary>
    public static string Duration(TimeSpan? value)
    {
        if (value is not { } span)
        {
            return "";
        }

        span = span < TimeSpan.Zero ? TimeSpan.Zero : span;
        return span switch
        {
            { TotalMilliseconds: < 999.5 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms"),
            { TotalSeconds: < 59.95 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
            { TotalHours: < 1 } => $"{span.Minutes} m {span.Seconds:00} s",
            { TotalDays: < 1 } => $"{(int)span.TotalHours} h {span.Minutes:00} m",
            _ => $"{(int)span.TotalDays} d {span.Hours:00} h",
        };
    }

    /// <summary>By how much something took longer: +0.4 s, −1.2 s; nothing below a twentieth of a second.</summary>
    public static string? Change(TimeSpan longer) => Math.Abs(longer.TotalMilliseconds) < 50
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{(longer < TimeSpan.Zero ? '−' : '+')}{(Math.Abs(longer.TotalSeconds) < 59.95
            ? $"{Math.Abs(longer.TotalSeconds).ToString("0.0", CultureInfo.InvariantCulture)} s"
            : Duration(longer.Duration()))}");

    /// <summary>By how much a number is larger: +232, −12, 0; nothing when either is unknown.</summary>
    public static string? Change(long? now, long? before) => (now - before) switch
    {
        null => null,
        0 => "0",
        > 0 and var more => $"+{Count(more)}",
        var less => $"−{Count(-less)}",
    };

    /// <summary>How long ago: just now, 34 min ago, 2 h ago, 3 days ago.</summary>
    public static string Ago(TimeSpan span) => span switch
    {
        { TotalSeconds: < 45 } => "just now",
        { TotalMinutes: < 59.5 } => $"{Math.Max(span.TotalMinutes, 1):0} min ago",
        { TotalHours: < 23.5 } => $"{span.TotalHours:0} h ago",
        _ => $"{Count((long)Math.Max(Math.Round(span.TotalDays), 1), "day")} ago",
    };

    /// <summary>The same in whole seconds, for what ticks.</summary>
    public static string Ticking(TimeSpan span) => span.TotalSeconds < 60 ? $"{Math.Max((int)span.TotalSeconds, 0)} s" : Duration(span);

    /// <summary>What a kind of run is called.</summary>
    public static string Kind(RunKind kind) => kind switch
    {
        RunKind.PutBack => "Put back",
        RunKind.Export => "Save reports",
        _ => kind.ToString(),
    };

    /// <summary>The same inside a sentence.</summary>
    public static string Noun(RunKind kind) => kind switch
    {
        RunKind.Provision => "provisioning",
        RunKind.PutBack => "put-back",
        RunKind.Export => "saving of reports",
        _ => Slug(kind),
    };

    /// <summary>What a run is doing while it works.</summary>
    public static string Doing(RunKind kind) => kind switch
    {
        RunKind.Provision => "Provisioning",
        RunKind.Load => "Loading",
        RunKind.Teardown => "Tearing down",
        RunKind.Pause => "Pausing",
        RunKind.Resume => "Resuming",
        RunKind.Check => "Checking files",
        RunKind.PutBack => "Putting back",
        RunKind.Export => "Saving reports",
        _ => throw new System.Diagnostics.UnreachableException($"No words for {kind}."),
    };

    /// <summary>What a target is called.</summary>
    public static string Target(WarehouseTarget target) => target switch
    {
        WarehouseTarget.Local => "Local PostgreSQL",
        WarehouseTarget.Redshift => "Amazon Redshift",
        _ => throw new System.Diagnostics.UnreachableException($"No name for {target}."),
    };

    /// <summary>How a cluster is logged into.</summary>
    public static string Login(ClusterLoginKind kind) => kind == ClusterLoginKind.Iam ? "By IAM, with temporary passwords" : "With a password";

    /// <summary>What stops a cluster nobody uses.</summary>
    public static string Idle(IdleAction action) => action switch
    {
        IdleAction.Pause => "Pause it",
        IdleAction.Teardown => "Tear it down",
        IdleAction.Nothing => "Leave it running",
        _ => throw new System.Diagnostics.UnreachableException($"No words for {action}."),
    };

    /// <summary>15 minutes, 2 hours.</summary>
    public static string Span(TimeSpan span) => span < TimeSpan.FromHours(1) || span.Minutes != 0
        ? Count((long)span.TotalMinutes, "minute")
        : span.TotalDays >= 1 && span.Hours == 0 ? Count((long)span.TotalDays, "day") : Count((long)span.TotalHours, "hour");

    /// <summary>Where raw data comes from, in one line.</summary>
    public static string Source(SourceSpec source) => source switch
    {
        SampleSource s => $"Generated sample: {Count(s.Events)} events over {Count(s.Days, "day")}, {Count(s.Songs, "song")}",
        LocationSource s => $"{s.Events} · {s.Songs}",
        _ => source?.GetType().Name ?? "",
    };

    /// <summary>A word as it stands in URLs: <c>stage</c>, not <c>Stage</c>.</summary>
    public static string Slug<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
