using System.Net;
using System.Net.Sockets;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>How long provisioning waits; tests are less patient than people.</summary>
internal sealed record RedshiftPatience
{
    /// <summary>Between two looks at a cluster, give or take a quarter.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a cluster may take to come up; 30 and 40 minutes were seen to be too short (terraform-provider-aws#14754).
    /// </summary>
    public TimeSpan Ceiling { get; init; } = TimeSpan.FromMinutes(75);

    /// <summary>How many good looks in a row make a cluster stable: it blinks after it is created (airflow#58645).</summary>
    public int GoodLooks { get; init; } = 3;

    /// <summary>How long Redshift may take to see a new role (stratus-red-team#358: a minute, rarely).</summary>
    public TimeSpan RoleSeen { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a stable cluster's SQL may be out of reach: its name spreads and its rules take hold after a while.</summary>
    public TimeSpan Reachable { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a gone cluster's network interface may hold the security group.</summary>
    public TimeSpan GroupReleased { get; init; } = TimeSpan.FromMinutes(15);
}

/// <summary>One warehouse on Redshift, opened for work.</summary>
internal sealed class ProvisioningContext(
    string warehouse, WarehouseSchemas schemas, RedshiftSettings settings, AwsClients aws, AwsIdentity me, Guid store, SourceGrant source,
    TimeProvider clock, RedshiftPatience patience)
    : IResourceScope
{
    public const string WarehouseTag = "sparkify:warehouse";
    public const string StoreTag = "sparkify:store";

    private const string CreatedTag = "sparkify:created";
    private const string ExpiresTag = "sparkify:expires";

    private VpcInfo? _vpc;

    public string Warehouse { get; } = warehouse;

    public string Owner => $"The account {Me.Account}";

    public WarehouseSchemas Schemas { get; } = schemas;

    public RedshiftSettings Settings { get; } = settings;

    /// <summary>The keys of tags that may stand on what the warehouse owns and are not among its settings any more.</summary>
    public IReadOnlyList<string> FormerTags { get; init; } = [];

    /// <summary>What was asked for, as it is on record at the moment of asking.</summary>
    public required IWarehouseJournal Journal { get; init; }

    /// <summary>Which passwords the roles are to have.</summary>
    public int Passwords { get; init; }

    public AwsClients Aws { get; } = aws;

    public AwsIdentity Me { get; } = me;

    public SourceGrant Source { get; } = source;

    public RedshiftNames Names { get; } = new(warehouse, store);

    /// <summary>What AWS calls the cluster it uses: its own, or somebody else's.</summary>
    public string Cluster => Settings.Existing?.Id ?? Names.Cluster;

    public TimeProvider Clock { get; } = clock;

    public RedshiftPatience Patience { get; } = patience;

    /// <summary>Such as <c>aws</c> or <c>aws-cn</c>.</summary>
    public string Partition => Me.Arn.Split(':') is [_, { Length: > 0 } partition, ..] ? partition : "aws";

    /// <summary>The name of a resource as AWS writes it everywhere.</summary>
    public string Arn(string service, string resource) => $"arn:{Partition}:{service}:{Aws.Region}:{Me.Account}:{resource}";

    public RedshiftPrice? Price => RedshiftPrices.Of(Settings.NodeType, Settings.Nodes, Aws.Region);

    /// <summary>The tags every resource of ours is created with.</summary>
    public IReadOnlyDictionary<string, string> Tags()
    {
        Dictionary<string, string> tags = new(StringComparer.Ordinal)
        {
            [WarehouseTag] = Warehouse,
            [StoreTag] = store.ToString("N"),
            ["sparkify:owner"] = Settings.Owner,
            [CreatedTag] = Clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        };
        foreach (var (key, value) in Settings.Tags)
        {
            tags[key] = value;
        }

        if (Settings.ExpiresAt is { } end)
        {
            tags[ExpiresTag] = end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        }

        return tags;
    }

    /// <summary>Sets tags right by what puts them on and what takes them off; does nothing where they are.</summary>
    public async Task RetagAsync(
        IReadOnlyDictionary<string, string> there, Func<IReadOnlyDictionary<string, string>, Task> tag,
        Func<IReadOnlyList<string>, Task> untag)
    {
        if (!TagsDiffer(there))
        {
            return;
        }

        // Off before on: a resource takes 50 of them at any moment.
        if (TagsGone(there) is { Count: > 0 } gone)
        {
            await untag(gone);
        }

        // When it was made stays as it is.
        await tag(Tags().Where(t => t.Key != CreatedTag || !there.ContainsKey(CreatedTag)).ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>Whether tags are not those that the settings ask for.</summary>
    public bool TagsDiffer(IReadOnlyDictionary<string, string> there) =>
        Tags().Any(t => t.Key != CreatedTag && there.GetValueOrDefault(t.Key) != t.Value) || TagsGone(there).Count > 0;

    // What others have put there stays.
    private IReadOnlyList<string> TagsGone(IReadOnlyDictionary<string, string> there) =>
        [.. (Settings.ExpiresAt is null ? FormerTags.Append(ExpiresTag) : FormerTags).Where(there.ContainsKey)];

    /// <summary>Whether tags say that a resource is this warehouse's, of this installation.</summary>
    public bool Owns(IReadOnlyDictionary<string, string> tags)
        => tags.GetValueOrDefault(WarehouseTag) == Warehouse && tags.GetValueOrDefault(StoreTag) == store.ToString("N");

    /// <summary>The network the cluster stands in.</summary>
    public async Task<VpcInfo> VpcAsync(CancellationToken ct)
    {
        if (_vpc is null)
        {
            IReadOnlyList<VpcInfo> vpcs;
            try
            {
                vpcs = await Aws.Ec2.ListVpcsAsync(ct);
            }
            catch (AwsException e) when (e.IsNotToBeHad)
            {
                // Somebody who knows it can say it.
                return _vpc = Settings.VpcId is { } given ? new VpcInfo(given, "", IsDefault: false, "")
                    : throw SparkifyException.Invalid(
                        $"Which virtual networks there are cannot be looked up, so the one to use has to be given by its id (redshift.vpcId, such as vpc-0123abcd). {e.Message}", e);
            }

            _vpc = Settings.VpcId is { } wanted
                ? vpcs.FirstOrDefault(v => v.Id == wanted) ?? throw SparkifyException.Invalid(
                    $"There is no virtual network {wanted} in {Aws.Region}. There are: {string.Join(", ", vpcs.Select(static v => v.Id))}.")
                : vpcs.FirstOrDefault(static v => v.IsDefault) ?? throw SparkifyException.Invalid(
                    $"The account has no default virtual network in {Aws.Region}. Choose one of {string.Join(", ", vpcs.Select(static v => v.Id))}, or create one with 'aws ec2 create-default-vpc'.");
        }

        return _vpc;
    }

    /// <summary>The range to let in: the one that was set, or the caller's own address and nothing else.</summary>
    public async Task<string> AllowedRangeAsync(CancellationToken ct)
    {
        if (Settings.AllowedRange is { } range)
        {
            return range;
        }

        try
        {
            return RangeOf(await Aws.Sts.CallerAddressAsync(ct));
        }
        catch (AwsException e)
        {
            throw new SparkifyException(
                e.Kind, $"This machine's own address could not be found out, so the addresses to let in have to be given (redshift.allowedRange, such as 203.0.113.7/32). {e.Message}", e);
        }
    }

    /// <summary>One address as a range.</summary>
    public static string RangeOf(IPAddress address) => $"{address}/{(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";

    /// <summary>Waits a while, give or take a quarter, so that many waiters do not look at once.</summary>
    public Task PauseAsync(TimeSpan about, CancellationToken ct) => Task.Delay(about * Jitter(), Clock, ct);

    /// <summary>The same for a step that may be begun again: a long pause gives its worker to another run.</summary>
    public static Task PauseAsync(StepContext step, TimeSpan about, CancellationToken ct) => step.WaitAsync(about * Jitter(), ct);

#pragma warning disable CA5394 // Jitter is no secret.
    private static double Jitter() => 0.75 + (Random.Shared.NextDouble() / 2);
#pragma warning restore CA5394
}

/// <summary>Opens warehouses on Redshift for work.</summary>
internal sealed class ProvisioningContexts(IAws aws, IWarehouseJournal journal, TimeProvider clock, RedshiftPatience patience)
{
    // The simulator is on this machine and has its clusters up in seconds: nobody waits long, and nobody counts the calls.
    private static readonly TimeSpan Simulated = TimeSpan.FromSeconds(1);

    public async Task<ProvisioningContext> OpenAsync(NewWarehouse warehouse, CancellationToken ct)
    {
        var wanted = warehouse.CheckedSettings() ?? throw SparkifyException.Invalid(
            $"The warehouse '{warehouse.Name}' is local: it has no cluster.");
        var clients = await aws.ForAsync(wanted.Place, ct);
        var me = await clients.Sts.WhoAmIAsync(ct);
        var store = await journal.StoreIdAsync(ct);
        return new ProvisioningContext(warehouse.Name, WarehouseSchemas.Of(
            warehouse.Schema), wanted, clients, me, store, SourceGrant.Of(warehouse), clock,
            clients.Simulated && patience.Poll > Simulated ? patience with { Poll = Simulated } : patience)
        {
            Passwords = warehouse.Passwords,
            FormerTags = [.. (await journal.TagKeysAsync(warehouse.Name, ct)).Except(wanted.Tags.Keys, StringComparer.Ordinal)],
            Journal = journal,
        };
    }
}
