using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>The cluster's security group.</summary>
internal sealed class SecurityGroupResource(RedshiftNames names) : RedshiftResource("security group", names.SecurityGroup)
{
    public override async Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct) =>
        $"in the network {(await context.VpcAsync(ct)).Id}";

    internal static string Description(ProvisioningContext context) => $"Sparkify warehouse {context.Warehouse}";

    public override async Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct)
        => await FindAsync(context, ct) is { } group
            ? new ObservedState(
                Exists: true, context.Owns(group.Tags), Drift(null, context, group.Tags), context.Arn("ec2", $"security-group/{group.Id}"))
            : ObservedState.Nothing;

    public override string? ConsolePath(ProvisioningContext context, ObservedState observed)
        => $"https://{context.Aws.Region}.console.aws.amazon.com/ec2/home?region={context.Aws.Region}#SecurityGroup:groupId={GroupId(observed)}";

    public override async Task TagAsync(ProvisioningContext context, CancellationToken ct)
    {
        if (await FindAsync(context, ct) is { } group)
        {
            var ec2 = context.Aws.Ec2;
            await context.RetagAsync(group.Tags, tags => ec2.TagAsync(group.Id, tags, ct), keys => ec2.UntagAsync(group.Id, keys, ct));
        }
    }

    public static async Task<SecurityGroupInfo?> FindAsync(ProvisioningContext context, CancellationToken ct)
        => await context.Aws.Ec2.FindSecurityGroupAsync((await context.VpcAsync(ct)).Id, context.Names.SecurityGroup, ct);

    private static string GroupId(ObservedState observed) => observed.Arn![(observed.Arn!.LastIndexOf('/') + 1)..];

    protected override async Task CreateAsync(
        ProvisioningContext context, StepContext step, CancellationToken ct) => await context.Aws.Ec2.CreateSecurityGroupAsync(
        new NewSecurityGroup(Name, Description(context), (await context.VpcAsync(ct)).Id, context.Tags()), ct);

    protected override Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct) => TagAsync(context, ct);

    protected override async Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        if (await FindAsync(context, ct) is not { } group)
        {
            return;
        }

        while (true)
        {
            try
            {
                await context.Aws.Ec2.DeleteSecurityGroupAsync(group.Id, ct);
                return;
            }
            catch (AwsException e) when (e.Code == "DependencyViolation")
            {
                // A gone cluster's interface lets go minutes later. Whatever else holds the group has to be named.
                var holders = string.Join(", ", (await context.Aws.Ec2.ListInterfacesAsync(group.Id, ct))
                    .Select(static i => $"{i.Id} ({i.Description}, {i.Status})"));
                var blocker = holders.Length > 0 ? $"the network interface {holders}" : "another security group's rule";
                if (step.Elapsed > context.Patience.GroupReleased)
                {
                    throw SparkifyException.Conflict(
                        $"The security group {group.Id} is still held by {blocker}. Remove that, then retry this run.");
                }

                step.Progress.Message = $"Waiting for {blocker} to let go of {group.Id}";
                await ProvisioningContext.PauseAsync(step, context.Patience.Poll, ct);
            }
        }
    }
}

/// <summary>The one way into the cluster.</summary>
internal sealed class IngressResource(RedshiftNames names) : RedshiftResource("ingress rule", $"{names.SecurityGroup}/sql")
{
    private const string Mark = "sparkify: SQL";

    public override async Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct) =>
        context.Settings.Reach == ClusterReach.Private
        ? "no way in from outside"
        : $"TCP {context.Settings.Port} from {await context.AllowedRangeAsync(ct)} only";

    public override async Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct)
    {
        if (await SecurityGroupResource.FindAsync(context, ct) is not { } group)
        {
            return ObservedState.Nothing;
        }

        var wanted = await WantedAsync(context, ct);
        var ours = group.Ingress.Where(static r => r.Description == Mark).ToList();
        var foreign = string.Join(" and ", group.Ingress.Select(Foreign).OfType<string>().Distinct(StringComparer.Ordinal));
        if (ours.Count == 0 && foreign.Length == 0)
        {
            return ObservedState.Nothing;
        }

        return new ObservedState(Exists: true, Drift: foreign.Length > 0 ? $"it lets in {foreign} (provisioning closes that)"
            : ours is [var one] && one == wanted ? null
            : $"lets in {wanted.Source} now");
    }

    protected override async Task CreateAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
        => await context.Aws.Ec2.AuthorizeIngressAsync(await GroupAsync(context, ct), await WantedAsync(context, ct), ct);

    protected override async Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var group = (await SecurityGroupResource.FindAsync(context, ct))!;
        var wanted = await WantedAsync(context, ct);
        foreach (var rule in group.Ingress.Where(r => r != wanted && (r.Description == Mark || Foreign(r) is not null)))
        {
            await context.Aws.Ec2.RevokeIngressAsync(group.Id, rule, ct);
        }

        if (!group.Ingress.Contains(wanted))
        {
            await context.Aws.Ec2.AuthorizeIngressAsync(group.Id, wanted, ct);
        }
    }

    protected override async Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var group = (await SecurityGroupResource.FindAsync(context, ct))!;
        foreach (var rule in group.Ingress.Where(static r => r.Description == Mark))
        {
            await context.Aws.Ec2.RevokeIngressAsync(group.Id, rule, ct);
        }
    }

    /// <summary>The rules there should be: one, or none for a private cluster.</summary>
    internal static async Task<IReadOnlyList<IngressRule>> WantedRulesAsync(ProvisioningContext context, CancellationToken ct)
        => context.Settings.Reach == ClusterReach.Private ? [] : [await WantedAsync(context, ct)];

    /// <summary>Whom a rule must not let in; none for one that may stand. What is in a prefix list is its owner's to change.</summary>
    private static string? Foreign(IngressRule rule) => rule.Source is "0.0.0.0/0" or "::/0" ? "the whole world"
        : rule.Kind == IngressSource.PrefixList ? $"the prefix list {rule.Source}"
        : null;

    private static async Task<IngressRule> WantedAsync(ProvisioningContext context, CancellationToken ct)
        => new("tcp", context.Settings.Port, context.Settings.Port, await context.AllowedRangeAsync(ct), Mark);

    private static async Task<string> GroupAsync(ProvisioningContext context, CancellationToken ct) =>
        (await SecurityGroupResource.FindAsync(context, ct))?.Id
        ?? throw SparkifyException.Conflict(
            $"The security group {context.Names.SecurityGroup} is gone: someone deleted it just now. Retry this run to create it again.");
}

/// <summary>The subnets the cluster stands in, when they are not the account's default ones.</summary>
internal sealed class SubnetGroupResource(RedshiftNames names) : RedshiftResource("subnet group", names.SubnetGroup)
{
    public override Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct) =>
        Task.FromResult(string.Join(", ", context.Settings.Subnets));

    public override async Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct)
        => await context.Aws.Redshift.FindSubnetGroupAsync(Name, ct) is { } group
            ? new ObservedState(Exists: true, context.Owns(group.Tags), Drift(null, context, group.Tags), Arn(context))
            : ObservedState.Nothing;

    public override string? ConsolePath(ProvisioningContext context, ObservedState observed)
        => $"https://{context.Aws.Region}.console.aws.amazon.com/redshiftv2/home?region={context.Aws.Region}#/subnet-groups/subnet-group?subnet-group={Name}";

    public override async Task TagAsync(ProvisioningContext context, CancellationToken ct)
    {
        var redshift = context.Aws.Redshift;
        if (await redshift.FindSubnetGroupAsync(Name, ct) is { } group)
        {
            await context.RetagAsync(
                group.Tags, tags => redshift.TagAsync(Arn(context), tags, ct), keys => redshift.UntagAsync(Arn(context), keys, ct));
        }
    }

    private string Arn(ProvisioningContext context) => context.Arn("redshift", $"subnetgroup:{Name}");

    protected override Task CreateAsync(
        ProvisioningContext context, StepContext step, CancellationToken ct) => context.Aws.Redshift.CreateSubnetGroupAsync(
        Name, SecurityGroupResource.Description(context), context.Settings.Subnets, context.Tags(), ct);

    protected override Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct) => TagAsync(context, ct);

    protected override Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct) =>
        context.Aws.Redshift.DeleteSubnetGroupAsync(Name, ct);
}
