using System.Globalization;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What was found in a <c>dwh.cfg</c>.</summary>
/// <param name="Settings">The settings it describes.</param>
/// <param name="Source">Where its data is; none when it does not say.</param>
/// <param name="Notes">What was changed or left out, and why; for the person who imports it.</param>
/// <param name="Key">The AWS key it holds; none when it holds none. To be made a connection of, and shown to nobody.</param>
public sealed record DwhImport(RedshiftSettings Settings, LocationSource? Source, IReadOnlyList<string> Notes, FoundKey? Key = null);

/// <summary>An access key that was found in a file.</summary>
/// <param name="AccessKey">Its id.</param>
/// <param name="SecretKey">Its secret.</param>
public sealed record FoundKey(string AccessKey, string SecretKey)
{
    /// <summary>Neither of them.</summary>
    public override string ToString() => nameof(FoundKey);
}

/// <summary>
/// Reads the <c>dwh.cfg</c> of the scripts this application replaces: the sections AWS, CLUSTER or DWH, IAM_ROLE and S3.
/// Passwords in it are looked at only to say that they do not belong there; an AWS key can be made a connection of.
/// </summary>
public static class DwhConfig
{
    private static readonly string[] KeyIds = ["KEY", "AWS_ACCESS_KEY_ID", "ACCESS_KEY"];
    private static readonly string[] Secrets = ["SECRET", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY"];
    private static readonly string[] Passwords = ["DB_PASSWORD", "DWH_DB_PASSWORD", "PASSWORD"];

    /// <summary>Reads a file's text; what it does not say keeps its default.</summary>
    public static DwhImport Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> notes = [];
        var values = Parse(text, notes);
        var settings = new RedshiftSettings
        {
            Region = First(values, "REGION", "AWS_REGION", "DWH_REGION"),
            Database = First(values, "DB_NAME", "DWH_DB")?.ToLowerInvariant() ?? new RedshiftSettings().Database,
            MasterUser = First(values, "DB_USER", "DWH_DB_USER")?.ToLowerInvariant() ?? new RedshiftSettings().MasterUser,
            Port = Number(First(values, "DB_PORT", "DWH_PORT")) ?? new RedshiftSettings().Port,
            NodeType = NodeType(First(values, "DWH_NODE_TYPE", "NODE_TYPE"), notes),
            Nodes = First(values, "DWH_CLUSTER_TYPE", "CLUSTER_TYPE") == "single-node"
                ? 1
                : Number(First(values, "DWH_NUM_NODES", "NUM_NODES")) ?? 1,
        };
        var key = First(values, KeyIds) is { } id && First(values, Secrets) is { } secret ? new FoundKey(id, secret) : null;
        if (key is not null)
        {
            notes.Add("The file holds an AWS key. It is used for nothing unless a connection is made of it. Take it out of the file.");
        }
        else if (KeyIds.Concat(Secrets).Any(values.ContainsKey))
        {
            notes.Add("The file holds half of an AWS key (KEY and SECRET belong together). It was left out.");
        }

        if (Passwords.Any(values.ContainsKey))
        {
            notes.Add("The file holds a password. It was not read: AWS Secrets Manager makes and keeps the new cluster's password.");
        }

        if (First(values, "ARN", "ROLE_ARN", "DWH_IAM_ROLE_NAME") is { } role)
        {
            notes.Add($"The role {role} is left as it is: the warehouse gets a role of its own, which reads its source and nothing else.");
        }

        return new DwhImport(settings, Source(values, notes), notes, key);
    }

    private static LocationSource? Source(Dictionary<string, string> values, List<string> notes)
    {
        if (First(values, "LOG_DATA") is not { } events || First(values, "SONG_DATA") is not { } songs)
        {
            notes.Add("The file does not say where both the log data and the song data are (LOG_DATA, SONG_DATA in the section S3).");
            return null;
        }

        return new LocationSource(Folder(events), Folder(songs), First(values, "LOG_JSONPATH", "LOG_JSON_PATH"));
    }

    /// <summary>COPY takes a prefix, so <c>s3://b/song</c> would also match <c>song_backup</c>.</summary>
    private static string Folder(string location) => location.EndsWith('/') ? location : location + "/";

    private static string NodeType(string? wanted, List<string> notes)
    {
        var standard = new RedshiftSettings().NodeType;
        if (wanted is null)
        {
            return standard;
        }

        if (!wanted.StartsWith("dc", StringComparison.OrdinalIgnoreCase) && !wanted.StartsWith("ds", StringComparison.OrdinalIgnoreCase))
        {
            return wanted;
        }

        notes.Add($"{wanted} can no longer be ordered from AWS; {standard} takes its place.");
        return standard;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? First(Dictionary<string, string> values, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Names are unique over the sections of this file, so the sections themselves do not matter.</summary>
    private static Dictionary<string, string> Parse(string text, List<string> notes)
    {
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = line.IndexOfAny(['=', ':']);
            if (at <= 0 || line[0] is '#' or ';' or '[')
            {
                continue;
            }

            var (value, more) = Value(line[(at + 1)..].Trim());
            if (value.Length > 0)
            {
                values[line[..at].Trim()] = value;
            }

            if (more)
            {
                notes.Add($"Behind the quoted value of {line[..at].Trim()} stands something that is no comment: it was left out.");
            }
        }

        return values;
    }

    /// <summary>
    /// A value without its quotes and without a comment behind it, and whether something else stands behind the quotes. As in every file of
    /// this kind, only white space before it makes <c>;</c> or <c>#</c> a comment: both may be part of a password or a key of S3.
    /// </summary>
    private static (string Value, bool More) Value(string text)
    {
        if (text is ['\'' or '"', ..] && text.IndexOf(text[0], 1) is var close and > 0)
        {
            var rest = text.AsSpan(close + 1).Trim();
            return (text[1..close].Trim(), !rest.IsEmpty && rest[0] is not (';' or '#'));
        }

        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] is ';' or '#' && char.IsWhiteSpace(text[at - 1]))
            {
                text = text[..at];
            }
        }

        return (text is [';' or '#', ..] ? "" : text.Trim().Trim('\'', '"').Trim(), false);
    }
}
