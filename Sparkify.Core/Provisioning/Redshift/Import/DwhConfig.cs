using System.Globalization;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Import;

/// <summary>What was found in a <c>dwh.cfg</c>.</summary>
/// <param name="Settings">The settings it describes: of a cluster to be made, or of the one its HOST names.</param>
/// <param name="Source">Where its data is; none when it does not say.</param>
/// <param name="Notes">What was changed or left out, and why; for the person who imports it.</param>
/// <param name="Key">The AWS key it holds; none when it holds none. To be made a connection of, and shown to nobody.</param>
/// <param name="Password">The password of the cluster's user, where the cluster exists; shown to nobody.</param>
/// <param name="Name">What the warehouse could be called.</param>
public sealed record DwhImport(
    RedshiftSettings Settings, LocationSource? Source, IReadOnlyList<string> Notes, FoundKey? Key = null, LoginPassword? Password = null,
    string Name = "music");

/// <summary>An access key that was found in a file.</summary>
/// <param name="AccessKey">Its id.</param>
/// <param name="SecretKey">Its secret.</param>
public sealed record FoundKey(string AccessKey, string SecretKey)
{
    /// <summary>Neither of them.</summary>
    public override string ToString() => nameof(FoundKey);
}

/// <summary>
/// Reads the <c>dwh.cfg</c> of the scripts this application replaces: the sections AWS, CLUSTER or DWH, IAM_ROLE and S3. With a HOST it
/// describes a cluster that exists, else one to be made. Every value is used, or named as not used.
/// </summary>
public static class DwhConfig
{
    private static readonly string[] KeyIds = ["KEY", "AWS_ACCESS_KEY_ID", "ACCESS_KEY"];
    private static readonly string[] Secrets = ["SECRET", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY"];
    private static readonly string[] Passwords = ["DB_PASSWORD", "DWH_DB_PASSWORD", "PASSWORD"];
    private static readonly string[] Databases = ["DB_NAME", "DWH_DB", "DB", "DATABASE"];
    private static readonly string[] Hosts = ["HOST", "DWH_HOST", "DB_HOST", "ENDPOINT", "DWH_ENDPOINT", "CLUSTER_ENDPOINT"];
    private static readonly string[] Roles = ["ARN", "ROLE_ARN", "IAM_ROLE_ARN", "DWH_ROLE_ARN"];
    private static readonly string[] RoleNames = ["DWH_IAM_ROLE_NAME", "IAM_ROLE_NAME", "ROLE_NAME"];
    private static readonly string[] Identifiers = ["DWH_CLUSTER_IDENTIFIER", "CLUSTER_IDENTIFIER"];

    /// <summary>Reads a file's text; what it does not say keeps its default. Throws a sentence for what is no such file.</summary>
    public static DwhImport Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> notes = [];
        ConfigLines lines = new(text, notes);
        var identifier = lines.First(Identifiers);
        var existing = Existing(lines, identifier, notes);
        var settings = existing is null ? ToBeMade(lines, notes) : new RedshiftSettings
        {
            Region = lines.First("REGION", "AWS_REGION", "DWH_REGION") ?? existing.RegionOfHost,
            Existing = existing,
        };
        var key = Key(lines, notes);
        var password = Password(lines, existing, notes);
        var source = Source(lines, existing is null ? null : settings.Region, notes);
        if (lines.Unused is { Count: > 0 } unused)
        {
            notes.Add($"Not used: {string.Join(", ", unused)}.");
        }

        return new DwhImport(settings, source, notes, key, password, Name(identifier ?? existing?.Id));
    }

    private static ExistingCluster? Existing(ConfigLines lines, string? identifier, List<string> notes)
    {
        if (lines.First(Hosts) is not { } host)
        {
            return null;
        }

        // As the console shows an endpoint: host:port/database.
        var (place, database) = host.Split('/', 2) is [var before, var after] ? (before, after) : (host, null);
        var (name, port) = place.Split(':') is [var first, var second] ? (first, second) : (place, null);
        var role = lines.First(Roles);
        if (role is null && lines.First(RoleNames) is { } nameOnly)
        {
            notes.Add($"{nameOnly} is the name of a role and no ARN, so the cluster's default role is tried. Give its ARN (arn:aws:iam::ACCOUNT:role/NAME) to have it used.");
        }

        return new ExistingCluster
        {
            Host = name.ToLowerInvariant(),
            Port = Number(lines, notes, "DB_PORT", "DWH_PORT", "PORT") ?? Parsed(port) ?? new ExistingCluster().Port,
            Database = (lines.First(Databases) ?? database)?.ToLowerInvariant() ?? new ExistingCluster().Database,
            User = lines.First("DB_USER", "DWH_DB_USER", "USER", "USERNAME") ?? "",
            Cluster = identifier,
            Role = role,
        };
    }

    private static RedshiftSettings ToBeMade(ConfigLines lines, List<string> notes)
    {
        RedshiftSettings standard = new();
        var nodes = Number(lines, notes, "DWH_NUM_NODES", "NUM_NODES");
        if (lines.First([.. Roles, .. RoleNames]) is { } role)
        {
            notes.Add($"The role {role} is left as it is: the warehouse gets a role of its own, which reads its source and nothing else.");
        }

        return new RedshiftSettings
        {
            Region = lines.First("REGION", "AWS_REGION", "DWH_REGION"),
            Database = lines.First(Databases)?.ToLowerInvariant() ?? standard.Database,
            MasterUser = lines.First("DB_USER", "DWH_DB_USER", "USER", "USERNAME")?.ToLowerInvariant() ?? standard.MasterUser,
            Port = Number(lines, notes, "DB_PORT", "DWH_PORT", "PORT") ?? standard.Port,
            NodeType = NodeType(lines.First("DWH_NODE_TYPE", "NODE_TYPE"), notes),
            Nodes = lines.First("DWH_CLUSTER_TYPE", "CLUSTER_TYPE") == "single-node" ? 1 : nodes ?? 1,
        };
    }

    private static FoundKey? Key(ConfigLines lines, List<string> notes)
    {
        var (id, secret) = (lines.First(KeyIds), lines.First(Secrets));
        if (id is not null && secret is not null)
        {
            notes.Add("The file holds an AWS key. It is used for nothing unless a connection is made of it. Take it out of the file.");
            return new FoundKey(id, secret);
        }

        if (id is not null || secret is not null)
        {
            notes.Add("The file holds half of an AWS key (KEY and SECRET belong together). It was left out.");
        }

        return null;
    }

    private static LoginPassword? Password(ConfigLines lines, ExistingCluster? existing, List<string> notes)
    {
        var password = lines.First(Passwords);
        if (existing is null)
        {
            if (password is not null)
            {
                notes.Add("The file holds a password. It was not read: AWS Secrets Manager makes and keeps the new cluster's password.");
            }

            return null;
        }

        notes.Add(password is null
            ? $"The file holds no password of the user '{existing.User}'. Give it, or log in by IAM."
            : $"The file holds the password of the user '{existing.User}'. It is never shown, and kept encrypted. Take it out of the file.");
        return password is null ? null : new LoginPassword(password);
    }

    private static LocationSource? Source(ConfigLines lines, string? region, List<string> notes)
    {
        var (events, songs) = (lines.First("LOG_DATA"), lines.First("SONG_DATA"));
        var paths = lines.First("LOG_JSONPATH", "LOG_JSON_PATH", "LOG_JSONPATHS");
        if (events is null || songs is null)
        {
            notes.Add("The file does not say where both the log data and the song data are (LOG_DATA, SONG_DATA in the section S3).");
            return null;
        }

        return new LocationSource(Folder("LOG_DATA", events, notes), Folder("SONG_DATA", songs, notes), paths) { Region = region };
    }

    /// <summary>
    /// COPY takes a prefix, so <c>s3://b/song</c> would also match <c>song_backup</c>; a pattern stands for everything below what is before
    /// it.
    /// </summary>
    private static string Folder(string name, string location, List<string> notes)
    {
        var at = location.IndexOf("://", StringComparison.Ordinal);
        if (at > 0 && location[..at].ToLowerInvariant() is "s3a" or "s3n")
        {
            location = $"s3{location[at..]}"; // what Hadoop calls it
        }

        if (location.IndexOfAny(['*', '?', '[', '{']) is > 0 and var pattern)
        {
            var folder = location[..(location.LastIndexOf('/', pattern) + 1)];
            notes.Add($"{name} is a pattern; everything below {folder} is read.");
            return folder;
        }

        return location.EndsWith('/') ? location : location + "/";
    }

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

    private static int? Number(ConfigLines lines, List<string> notes, params ReadOnlySpan<string> names)
    {
        if (lines.First(names) is not { } text)
        {
            return null;
        }

        if (Parsed(text) is not { } number)
        {
            notes.Add($"{names[0]} is '{text}' and no number: the default is taken.");
            return null;
        }

        return number;
    }

    private static int? Parsed(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Name(string? wanted)
    {
        var name = new string([.. (wanted ?? "").ToLowerInvariant().Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return WarehouseName.Problem(name) is null ? name : "music";
    }
}
