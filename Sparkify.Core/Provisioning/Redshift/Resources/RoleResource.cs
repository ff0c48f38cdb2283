using System.Text.Json;
using System.Text.Json.Nodes;
using Sparkify.Core.Aws;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>The role the cluster reads its source with.</summary>
internal sealed class RoleResource(RedshiftNames names) : RedshiftResource("IAM role", names.Role)
{
    public override Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct)
        => Task.FromResult($"assumed by Amazon Redshift, for account {scope.Me.Account} only");

    internal static string Description(RedshiftScope scope) => $"Sparkify warehouse {scope.Warehouse}: reads its source";

    public override async Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct)
    {
        var role = await scope.Aws.Iam.FindRoleAsync(Name, ct);
        return role is null ? Sight.Nothing
            : new Sight(Exists: true, scope.Owns(role.Tags), SameJson(role.TrustPolicy, SourceGrant.Trust(scope.Me.Account)) ? null : "who may assume it", role.Arn);
    }

    public override string? ConsolePath(RedshiftScope scope, Sight sight) => $"https://console.aws.amazon.com/iam/home#/roles/details/{Name}";

    public override Task TagAsync(RedshiftScope scope, Sight sight, CancellationToken ct) => scope.Aws.Iam.TagRoleAsync(Name, scope.Tags(), ct);

    protected override Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => scope.Aws.Iam.CreateRoleAsync(
        new NewRole(Name, SourceGrant.Trust(scope.Me.Account).ToJsonString(), Description(scope), scope.Tags())
        {
            Path = RedshiftNames.RolePath,
        }, ct);

    protected override Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
        => scope.Aws.Iam.UpdateTrustPolicyAsync(Name, SourceGrant.Trust(scope.Me.Account).ToJsonString(), ct);

    protected override async Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        // A role is only deleted bare; someone may have hung more on it than we did.
        foreach (var policy in await scope.Aws.Iam.ListRolePoliciesAsync(Name, ct))
        {
            await scope.Aws.Iam.DeleteRolePolicyAsync(Name, policy, ct);
        }

        foreach (var policy in await scope.Aws.Iam.ListAttachedRolePoliciesAsync(Name, ct))
        {
            await scope.Aws.Iam.DetachRolePolicyAsync(Name, policy, ct);
        }

        await scope.Aws.Iam.DeleteRoleAsync(Name, ct);
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

    public override Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct) => Task.FromResult("read access to exactly "
        + string.Join(", ", scope.Source.Prefixes.Concat(scope.Source.Files).Select(static p => p.ToString()).Distinct(StringComparer.Ordinal)));

    public override async Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct)
    {
        var document = await scope.Aws.Iam.FindRolePolicyAsync(_role, RedshiftNames.Policy, ct);
        return document is null ? Sight.Nothing
            : new Sight(Exists: true, Drift: RoleResource.SameJson(document, scope.Source.Policy(scope.Partition)) ? null : "what it may read");
    }

    protected override Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
        => scope.Aws.Iam.PutRolePolicyAsync(_role, RedshiftNames.Policy, scope.Source.Policy(scope.Partition).ToJsonString(), ct);

    protected override Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct) => CreateAsync(scope, step, ct);

    protected override Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
        => scope.Aws.Iam.DeleteRolePolicyAsync(_role, RedshiftNames.Policy, ct);
}
