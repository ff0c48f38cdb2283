using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Warehouses;

/// <summary>From where a cluster can be reached.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClusterReach>))]
public enum ClusterReach
{
    /// <summary>A public address that lets in one range only: by default the caller's own address.</summary>
    CallerOnly,

    /// <summary>No public address; reached from inside its network.</summary>
    Private,
}

/// <summary>What the guard does with a cluster nobody uses.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IdleAction>))]
public enum IdleAction
{
    /// <summary>Nothing: it costs until someone stops it.</summary>
    Nothing,

    /// <summary>Pauses it; only its storage costs on.</summary>
    Pause,

    /// <summary>Takes it down.</summary>
    Teardown,
}

/// <summary>What a warehouse on Redshift is to be like; the defaults are the careful ones.</summary>
public sealed record RedshiftSettings
{
    private readonly IdleAction? _whenIdle;

    /// <summary>The region; none for the configured one.</summary>
    public string? Region { get; init; }

    /// <summary>Whether it lives on the built-in simulator.</summary>
    public bool Simulated { get; init; }

    /// <summary>The AWS connection it is made, watched and loaded with; none for this machine's own credentials.</summary>
    public string? Connection { get; init; }

    /// <summary>The cluster to use, when somebody else made it; none for one that is made for the warehouse.</summary>
    public ExistingCluster? Existing { get; init; }

    /// <summary>The node type. Not <c>dc2.large</c>: that cannot be ordered any more (aws-cdk#36516).</summary>
    public string NodeType { get; init => field = value ?? "ra3.large"; } = "ra3.large";

    /// <summary>How many nodes.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The database's name.</summary>
    public string Database { get; init => field = value ?? "sparkify"; } = "sparkify";

    /// <summary>The master user's name; its password is kept by AWS Secrets Manager.</summary>
    public string MasterUser { get; init => field = value ?? "sparkify"; } = "sparkify";

    /// <summary>The port it answers SQL on.</summary>
    public int Port { get; init; } = 5439;

    /// <summary>Network access.</summary>
    public ClusterReach Reach { get; init; }

    /// <summary>The range of addresses to let in; none for the caller's own address.</summary>
    public string? AllowedRange { get; init; }

    /// <summary>The virtual network; none for the account's default one.</summary>
    public string? VpcId { get; init; }

    /// <summary>The subnets to stand in; none for the default ones.</summary>
    public IReadOnlyList<string> Subnets { get; init => field = value ?? []; } = [];

    /// <summary>
    /// An <c>s3://</c> prefix we may write to, for manifests and packed objects; none for the bucket of the events. Only the folder
    /// <c>sparkify-staging/NAME/</c> below it is used, and emptied.
    /// </summary>
    public string? StagingLocation { get; init; }

    /// <summary>How many days a last snapshot is kept at teardown; none for no snapshot.</summary>
    public int? FinalSnapshotDays { get; init; }

    /// <summary>How long nobody may use it before the guard acts.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromHours(2);

    /// <summary>What the guard then does.</summary>
    public IdleAction WhenIdle
    {
        get => _whenIdle ?? (Existing is null ? IdleAction.Pause : IdleAction.Nothing);
        init => _whenIdle = value;
    }

    /// <summary>Until when the guard leaves it alone, used or not; none for no such promise.</summary>
    public DateTimeOffset? KeepUntil { get; init; }

    /// <summary>
    /// How many US dollars its cluster may cost in a calendar month (UTC), without storage, before people are told and it is paused where
    /// that is chosen; none for no limit.
    /// </summary>
    public decimal? MonthlyLimit { get; init; }

    /// <summary>Whether it is paused when it has reached its monthly limit.</summary>
    public bool PauseAtLimit { get; init; }

    /// <summary>Who it belongs to, for the tag.</summary>
    public string Owner { get; init => field = value ?? "sparkify"; } = "sparkify";

    /// <summary>When it should be gone, for the tag; none for no end.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Tags of one's own on everything that is made for it.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init => field = value ?? None; } = None;

    // A document may say null for none.
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>(StringComparer.Ordinal);

    internal AwsPlace Place => new(Region ?? Existing?.RegionOfHost, Simulated, Connection);

    /// <summary>Where a warehouse's loads keep manifests and packed objects.</summary>
    internal S3Path StagingPath(string warehouse, LocationSource source)
    {
        var root = StagingLocation is { } given
            ? S3Path.Parse(given, "staging").AsFolder()
            : S3Path.Parse(source.Events, "events") with { Key = "" };
        // Never the prefix itself: what is in the folder is deleted after use.
        return root.Below($"sparkify-staging/{warehouse}/");
    }

    /// <summary>What is wrong, all of it, as sentences.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> wrong = [.. Existing?.Problems() ?? []];
        if (Existing is not null && (WhenIdle == IdleAction.Teardown || MonthlyLimit is not null || FinalSnapshotDays is not null))
        {
            wrong.Add("The cluster is not this warehouse's own: it is not metered, deleted or kept as a snapshot from here. Leave out monthlyLimit, finalSnapshotDays and a guard that tears down.");
        }

        if (Existing is { Pausable: false } && WhenIdle == IdleAction.Pause)
        {
            wrong.Add("The cluster is not this warehouse's own, and is not paused unless its settings say that it may be (pausable), which stops it for everybody who uses it.");
        }

        if (Existing is { } there && Simulated && !ExistingCluster.IsLoopback(there.Host))
        {
            wrong.Add($"The simulator's clusters are on this machine, and {there.Host} is not: nothing is sent there. Choose Amazon Redshift in the place of the simulator.");
        }

        if (Subnets.Any(static s => string.IsNullOrWhiteSpace(s)))
        {
            wrong.Add("A subnet is given by its id, such as subnet-0123abcd, and one of these is empty.");
        }

        wrong.AddRange(ResourceTags.Problems(Tags));
        if (Existing is not null && Tags.Count > 0)
        {
            wrong.Add("Nothing is made in AWS for a warehouse on a cluster that exists, so there is nothing to put tags on. Leave out tags.");
        }

        if (Nodes is < 1 or > 100)
        {
            wrong.Add($"A cluster has 1 to 100 nodes, not {Nodes}.");
        }

        // From the service model: RA3 and RG clusters answer on these ports only.
        if (Port is not (>= 5431 and <= 5455 or >= 8191 and <= 8215))
        {
            wrong.Add($"The port must be in 5431-5455 or 8191-8215, was {Port}.");
        }

        if (FinalSnapshotDays is < 1 or > 3653)
        {
            wrong.Add($"A last snapshot is kept 1 to 3653 days, not {FinalSnapshotDays}.");
        }

        if (IdleLimit < TimeSpan.FromMinutes(15) && WhenIdle != IdleAction.Nothing)
        {
            wrong.Add($"The idle limit must be at least 15 minutes, was {IdleLimit.TotalMinutes:0}.");
        }

        if (MonthlyLimit is <= 0 or > 1_000_000)
        {
            wrong.Add($"A monthly limit is more than $0 and at most $1,000,000, not ${MonthlyLimit:#,0.##}; leave it out for none.");
        }

        if (PauseAtLimit && MonthlyLimit is null)
        {
            wrong.Add("There is no monthly limit at which it could be paused: give one, in US dollars.");
        }

        if (StagingLocation is { } staging && !S3Path.Is(staging))
        {
            wrong.Add($"The staging location must be an s3:// prefix, was '{staging}'.");
        }

        if (AllowedRange is { } range && RangeProblem(range) is { } problem)
        {
            wrong.Add(problem);
        }

        return wrong;
    }

    internal void Check()
    {
        if (Problems() is { Count: > 0 } wrong)
        {
            throw SparkifyException.Invalid(string.Join(" ", wrong));
        }
    }

    /// <summary>The whole world is refused, and so is anything nearly as wide (Security Hub control Redshift.1).</summary>
    private static string? RangeProblem(string range)
    {
        if (!IPNetwork.TryParse(range, out var network))
        {
            return $"'{range}' is not a range of addresses such as 203.0.113.7/32.";
        }

        var narrowest = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 16 : 48;
        return network.PrefixLength < narrowest
            ? $"The range {range} lets in too much of the world. Give your own address (/32), or at most a /{narrowest}."
            : null;
    }
}
