using System.Text.Json;
using System.Text.Json.Nodes;
using Sparkify.Core.Aws;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>The role the cluster reads its source with.</summary>
internal sealed class RoleResource(RedshiftNames names) : RedshiftResource("IAM role", names.Role)
{
    public override Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct)
        => Task.FromResult($"assumed by Amazon Redshift, for account {context.Me.Account} only");

    internal static string Description(ProvisioningContext context) => $"Sparkify warehouse {context.Warehouse}: reads its source";

    public override async Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct)
    {
        var role = await context.Aws.Iam.FindRoleAsync(Name, ct);
        return role is null ? ObservedState.Nothing
            : new ObservedState(Exists: true, context.Owns(role.Tags), Drift(SameJson(
                role.TrustPolicy, SourceGrant.Trust(context.Me.Account)) ? null : "who may assume it", context, role.Tags), role.Arn);
    }

    public override string? ConsolePath(ProvisioningContext context, ObservedState observed) =>
        $"https://console.aws.amazon.com/iam/home#/roles/details/{Name}";

    public override async Task TagAsync(ProvisioningContext context, CancellationToken ct)
    {
        var iam = context.Aws.Iam;
        if (await iam.FindRoleAsync(Name, ct) is { } role)
        {
            await context.RetagAsync(role.Tags, tags => iam.TagRoleAsync(Name, tags, ct), keys => iam.UntagRoleAsync(Name, keys, ct));
        }
    }

    protected override Task CreateAsync(
        ProvisioningContext context, StepContext step, CancellationToken ct) => context.Aws.Iam.CreateRoleAsync(
        new NewRole(Name, SourceGrant.Trust(context.Me.Account).ToJsonString(), Description(context), context.Tags())
        {
            Path = RedshiftNames.RolePath,
        }, ct);

    protected override async Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        await context.Aws.Iam.UpdateTrustPolicyAsync(Name, SourceGrant.Trust(context.Me.Account).ToJsonString(), ct);
        await TagAsync(context, ct);
    }

    protected override async Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        // A role is only deleted bare; someone may have hung more on it than we did.
        foreach (var policy in await context.Aws.Iam.ListRolePoliciesAsync(Name, ct))
        {
            await context.Aws.Iam.DeleteRolePolicyAsync(Name, policy, ct);
        }

        foreach (var policy in await context.Aws.Iam.ListAttachedRolePoliciesAsync(Name, ct))
        {
            await context.Aws.Iam.DetachRolePolicyAsync(Name, policy, ct);
        }

        await context.Aws.Iam.DeleteRoleAsync(Name, ct);
    }

    internal static bool SameJson(string text, JsonNode wanted)
    {
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(text), wanted);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>What that role may read.</summary>
internal sealed class RolePolicyResource(RedshiftNames names) : RedshiftResource("IAM policy", $"{names.Role}/{RedshiftNames.Policy}")
{
    private readonly string _role = names.Role;

    public override Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct) => Task.FromResult("read access to exactly "
        + string.Join(", ", context.Source.Prefixes.Concat(context.Source.Files).Select(static p => p.ToString())
            .Distinct(StringComparer.Ordinal)));

    public override async Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct)
    {
        var document = await context.Aws.Iam.FindRolePolicyAsync(_role, RedshiftNames.Policy, ct);
        return document is null ? ObservedState.Nothing
            : new ObservedState(
                Exists: true, Drift: RoleResource.SameJson(document, context.Source.Policy(context.Partition)) ? null : "what it may read");
    }

    protected override Task CreateAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
        => context.Aws.Iam.PutRolePolicyAsync(_role, RedshiftNames.Policy, context.Source.Policy(context.Partition).ToJsonString(), ct);

    protected override Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct) =>
        CreateAsync(context, step, ct);

    protected override Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
        => context.Aws.Iam.DeleteRolePolicyAsync(_role, RedshiftNames.Policy, ct);
}
