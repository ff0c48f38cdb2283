using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>The cluster's security group.</summary>
internal sealed class SecurityGroupResource(RedshiftNames names) : RedshiftResource("security group", names.SecurityGroup)
{
    public override async Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct) => $"in the network {(await scope.VpcAsync(ct)).Id}";

    internal static string Description(RedshiftScope scope) => $"Sparkify warehouse {scope.Warehouse}";

    public override async Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct)
        => await FindAsync(scope, ct) is { } group ? new Sight(Exists: true, scope.Owns(group.Tags), Arn: scope.Arn("ec2", $"security-group/{group.Id}")) : Sight.Nothing;

    public override string? ConsolePath(RedshiftScope scope, Sight sight)
        => $"https://{scope.Aws.Region}.console.aws.amazon.com/ec2/home?region={scope.Aws.Region}#SecurityGroup:groupId={GroupId(sight)}";

    public override Task TagAsync(RedshiftScope scope, Sight sight, CancellationToken ct) => scope.Aws.Ec2.TagAsync(GroupId(sight), scope.Tags(), ct);

    public static async Task<SecurityGroupInfo?> FindAsync(RedshiftScope scope, CancellationToken ct)
        => await scope.Aws.Ec2.FindSecurityGroupAsync((await scope.VpcAsync(ct)).Id, scope.Names.SecurityGroup, ct);

    private static string GroupId(Sight sight) => sight.Arn![(sight.Arn!.LastIndexOf('/') + 1)..];

    protected override async Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => await scope.Aws.Ec2.CreateSecurityGroupAsync(
        new NewSecurityGroup(Name, Description(scope), (await scope.VpcAsync(ct)).Id, scope.Tags()), ct);

    protected override Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => Task.CompletedTask;

    protected override async Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        if (await FindAsync(scope, ct) is not { } group)
        {
            return;
        }

        while (true)
        {
            try
            {
                await scope.Aws.Ec2.DeleteSecurityGroupAsync(group.Id, ct);
                return;
            }
            catch (AwsException e) when (e.Code == "DependencyViolation")
            {
                // A gone cluster's interface lets go minutes later. Whatever else holds the group has to be named.
                var holders = string.Join(", ", (await scope.Aws.Ec2.ListInterfacesAsync(group.Id, ct)).Select(static i => $"{i.Id} ({i.Description}, {i.Status})"));
                var blocker = holders.Length > 0 ? $"the network interface {holders}" : "another security group's rule";
                if (step.Elapsed > scope.Patience.GroupReleased)
                {
                    throw SparkifyException.Conflict($"The security group {group.Id} is still held by {blocker}. Remove that, then retry this run.");
                }

                step.Progress.Message = $"Waiting for {blocker} to let go of {group.Id}";
                await RedshiftScope.PauseAsync(step, scope.Patience.Poll, ct);
            }
        }
    }
}

/// <summary>The one way into the cluster.</summary>
internal sealed class IngressResource(RedshiftNames names) : RedshiftResource("ingress rule", $"{names.SecurityGroup}/sql")
{
    private const string Mark = "sparkify: SQL";

    public override async Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct) => scope.Settings.Reach == ClusterReach.Private
        ? "no way in from outside"
        : $"TCP {scope.Settings.Port} from {await scope.AllowedRangeAsync(ct)} only";

    public override async Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct)
    {
        if (await SecurityGroupResource.FindAsync(scope, ct) is not { } group)
        {
            return Sight.Nothing;
        }

        var wanted = await WantedAsync(scope, ct);
        var ours = group.Ingress.Where(static r => r.Description == Mark).ToList();
        var foreign = string.Join(" and ", group.Ingress.Select(Foreign).OfType<string>().Distinct(StringComparer.Ordinal));
        if (ours.Count == 0 && foreign.Length == 0)
        {
            return Sight.Nothing;
        }

        return new Sight(Exists: true, Drift: foreign.Length > 0 ? $"it lets in {foreign} (provisioning closes that)"
            : ours is [var one] && one == wanted ? null
            : $"lets in {wanted.Source} now");
    }

    protected override async Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
        => await scope.Aws.Ec2.AuthorizeIngressAsync(await GroupAsync(scope, ct), await WantedAsync(scope, ct), ct);

    protected override async Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        var group = (await SecurityGroupResource.FindAsync(scope, ct))!;
        var wanted = await WantedAsync(scope, ct);
        foreach (var rule in group.Ingress.Where(r => r != wanted && (r.Description == Mark || Foreign(r) is not null)))
        {
            await scope.Aws.Ec2.RevokeIngressAsync(group.Id, rule, ct);
        }

        if (!group.Ingress.Contains(wanted))
        {
            await scope.Aws.Ec2.AuthorizeIngressAsync(group.Id, wanted, ct);
        }
    }

    protected override async Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        var group = (await SecurityGroupResource.FindAsync(scope, ct))!;
        foreach (var rule in group.Ingress.Where(static r => r.Description == Mark))
        {
            await scope.Aws.Ec2.RevokeIngressAsync(group.Id, rule, ct);
        }
    }

    /// <summary>The rules there should be: one, or none for a private cluster.</summary>
    internal static async Task<IReadOnlyList<IngressRule>> WantedRulesAsync(RedshiftScope scope, CancellationToken ct)
        => scope.Settings.Reach == ClusterReach.Private ? [] : [await WantedAsync(scope, ct)];

    /// <summary>Whom a rule must not let in; none for one that may stand. What is in a prefix list is its owner's to change.</summary>
    private static string? Foreign(IngressRule rule) => rule.Source is "0.0.0.0/0" or "::/0" ? "the whole world"
        : rule.Kind == IngressSource.PrefixList ? $"the prefix list {rule.Source}"
        : null;

    private static async Task<IngressRule> WantedAsync(RedshiftScope scope, CancellationToken ct)
        => new("tcp", scope.Settings.Port, scope.Settings.Port, await scope.AllowedRangeAsync(ct), Mark);

    private static async Task<string> GroupAsync(RedshiftScope scope, CancellationToken ct) => (await SecurityGroupResource.FindAsync(scope, ct))?.Id
        ?? throw SparkifyException.Conflict($"The security group {scope.Names.SecurityGroup} is gone: someone deleted it just now. Retry this run to create it again.");
}

/// <summary>The subnets the cluster stands in, when they are not the account's default ones.</summary>
internal sealed class SubnetGroupResource(RedshiftNames names) : RedshiftResource("subnet group", names.SubnetGroup)
{
    public override Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct) => Task.FromResult(string.Join(", ", scope.Settings.Subnets));

    public override async Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct)
        => await scope.Aws.Redshift.FindSubnetGroupAsync(Name, ct) is { } group ? new Sight(Exists: true, scope.Owns(group.Tags), Arn: Arn(scope)) : Sight.Nothing;

    public override string? ConsolePath(RedshiftScope scope, Sight sight)
        => $"https://{scope.Aws.Region}.console.aws.amazon.com/redshiftv2/home?region={scope.Aws.Region}#/subnet-groups/subnet-group?subnet-group={Name}";

    public override Task TagAsync(RedshiftScope scope, Sight sight, CancellationToken ct) => scope.Aws.Redshift.TagAsync(Arn(scope), scope.Tags(), ct);

    private string Arn(RedshiftScope scope) => scope.Arn("redshift", $"subnetgroup:{Name}");

    protected override Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => scope.Aws.Redshift.CreateSubnetGroupAsync(
        Name, SecurityGroupResource.Description(scope), scope.Settings.Subnets, scope.Tags(), ct);

    protected override Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => Task.CompletedTask;

    protected override Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => scope.Aws.Redshift.DeleteSubnetGroupAsync(Name, ct);
}
