using System.Net;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>How an existing cluster is logged into.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClusterLoginKind>))]
public enum ClusterLoginKind
{
    /// <summary>By a user's password, which is kept encrypted.</summary>
    Password,

    /// <summary>By passwords that AWS gives out for some minutes (GetClusterCredentials), as the AWS connection may ask for them.</summary>
    Iam,
}

/// <summary>
/// A cluster that somebody else made and keeps. A warehouse uses schemas and users of its own in one of its databases, and touches nothing
/// else of it.
/// </summary>
public sealed partial record ExistingCluster
{
    /// <summary>The host it answers SQL on, such as <c>dwh.abc123.us-west-2.redshift.amazonaws.com</c>.</summary>
    public string Host { get; init; } = "";

    /// <summary>The port it answers SQL on.</summary>
    public int Port { get; init; } = 5439;

    /// <summary>The database.</summary>
    public string Database { get; init; } = "dev";

    /// <summary>As whom to log in.</summary>
    public string User { get; init; } = "";

    /// <summary>How to log in.</summary>
    public ClusterLoginKind Login { get; init; }

    /// <summary>What AWS calls it, for temporary passwords and pauses; none for the first part of its host.</summary>
    public string? Cluster { get; init; }

    /// <summary>The ARN of the role it reads S3 with; none for its default role.</summary>
    public string? Role { get; init; }

    /// <summary>Whether it may be paused and resumed from here, which is done to everybody who uses it.</summary>
    public bool Pausable { get; init; }

    /// <summary>What AWS calls it.</summary>
    [JsonIgnore]
    public string Id => Cluster ?? Host.Split('.')[0];

    /// <summary>The region its host names; none when that is an alias or an address.</summary>
    [JsonIgnore]
    public string? RegionOfHost => AmazonHost().Match(Host) is { Success: true } at ? at.Groups["region"].Value : null;

    private bool IsServerless => AmazonHost().Match(Host).Groups["serverless"].Success;

    /// <summary>Where it answers.</summary>
    internal WarehouseEndpoint Place => new(Host, Port, Database);

    /// <summary>Whether it is the same database: what a warehouse has in one is not in another.</summary>
    internal bool IsAt(ExistingCluster? other) => other is not null && Place == other.Place;

    /// <summary>Whether a host is this machine, such as the near end of a tunnel.</summary>
    internal static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>What is wrong, all of it, as sentences.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> wrong = [];
        if (Uri.CheckHostName(Host) == UriHostNameType.Unknown)
        {
            wrong.Add(Host.Length == 0
                ? "Say on which host the cluster answers, such as dwh.abc123.us-west-2.redshift.amazonaws.com."
                : $"'{Host}' is not a host. Give it without port and database, such as dwh.abc123.us-west-2.redshift.amazonaws.com.");
        }

        if (Port is < 1 or > 65535)
        {
            wrong.Add($"A port is a number from 1 to 65535, not {Port}; clusters answer on 5439 unless somebody chose otherwise.");
        }

        if (string.IsNullOrWhiteSpace(Database))
        {
            wrong.Add("Say which database of the cluster to use, such as dev.");
        }

        if (string.IsNullOrWhiteSpace(User))
        {
            wrong.Add("Say as which user to log in, such as awsuser.");
        }

        if (Role is { } role && !RoleArn().IsMatch(role))
        {
            wrong.Add($"'{role}' is not the ARN of a role, such as arn:aws:iam::123456789012:role/dwhRole. Leave it out for the cluster's default role.");
        }

        if (Login == ClusterLoginKind.Iam && IsServerless)
        {
            wrong.Add("Temporary passwords can be had for provisioned clusters only, and this is a serverless workgroup: log in with a password.");
        }

        if (Pausable && IsServerless)
        {
            wrong.Add("A serverless workgroup stops by itself when nobody uses it, and cannot be paused: leave pausable out.");
        }

        return wrong;
    }

    // https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-drop-issues.html and …/serverless-connecting.html name the two forms.
    [GeneratedRegex(
        @"\.(?<region>[a-z]{2}(-[a-z]+)+-\d)\.redshift(?<serverless>-serverless)?\.amazonaws\.com(\.cn)?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AmazonHost();

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+(,arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+)*\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoleArn();
}

/// <summary>The password of a login.</summary>
/// <param name="Value">The password.</param>
public sealed record LoginPassword(string Value)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => nameof(LoginPassword);
}

/// <summary>What is kept of the login into an existing cluster.</summary>
/// <param name="Password">Its password, encrypted; none when there is none.</param>
/// <param name="Alone">Whether it does everything itself, since it may not make users.</param>
internal sealed record KeptLogin(string? Password, bool Alone)
{
    public static KeptLogin None { get; } = new(null, Alone: false);
}

/// <summary>Keeps passwords of logins, each for one place and user only: pointed elsewhere, a warehouse sends nobody the old one.</summary>
internal sealed class LoginBox(ISecretBox box)
{
    /// <summary>A password in the form it is kept in.</summary>
    public string Close(string warehouse, ExistingCluster cluster, LoginPassword password) =>
        box.Close(Purpose(warehouse, cluster), password.Value);

    /// <summary>The password again; throws a sentence when there is none.</summary>
    public string Open(string warehouse, ExistingCluster cluster, KeptLogin kept) => kept.Password is { } closed
        && box.Open(Purpose(warehouse, cluster), closed) is { } password ? password : throw SparkifyException.Conflict(
            $"There is no password for the user '{cluster.User}' of {cluster.Host}:{cluster.Port}: none was given yet, the login was changed since, or it was encrypted with keys that are not in this data folder (keys/web). Give it under Resources of '{warehouse}'.");

    private static string Purpose(string warehouse, ExistingCluster cluster) =>
        $"login of {warehouse} at {cluster.Host}:{cluster.Port}/{cluster.Database} {cluster.User}";
}
