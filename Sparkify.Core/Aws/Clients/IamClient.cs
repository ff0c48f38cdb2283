using System.Xml.Linq;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Core.Aws.Clients;

internal sealed class IamClient(AwsWireClient wire, AwsGuard guard) : IIamClient
{
    public async Task<IamRole> CreateRoleAsync(NewRole role, CancellationToken ct)
    {
        var result = await CallAsync("CreateRole", new QueryParameters()
            .Add("RoleName", role.Name).Add("AssumeRolePolicyDocument", role.TrustPolicy).Add("Description", role.Description)
                .Add("Path", role.Path)
            .AddTags("Tags.member", role.Tags), ct);
        return Role(result.Element("Role")!);
    }

    public Task<IamRole?> FindRoleAsync(string name, CancellationToken ct) => guard.FindAsync("GetRole", async within =>
        Role((await wire.QueryAsync("GetRole", Named(name), within)).Element("Role")!), ct);

    public Task<IReadOnlyList<IamRole>> ListRolesAsync(string? pathPrefix, CancellationToken ct)
        => ListAsync("ListRoles", () => new QueryParameters().Add("PathPrefix", pathPrefix), static r => r.Items("Roles", "member")
            .Select(Role), ct);

    public Task DeleteRoleAsync(string name, CancellationToken ct) => CallAsync("DeleteRole", Named(name), ct);

    public Task UpdateTrustPolicyAsync(string role, string trustPolicy, CancellationToken ct)
        => CallAsync("UpdateAssumeRolePolicy", Named(role).Add("PolicyDocument", trustPolicy), ct);

    public Task TagRoleAsync(string role, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
        => CallAsync("TagRole", Named(role).AddTags("Tags.member", tags), ct);

    public Task UntagRoleAsync(string role, IReadOnlyList<string> keys, CancellationToken ct)
        => CallAsync("UntagRole", Named(role).AddList("TagKeys.member", keys), ct);

    public async Task<IReadOnlyDictionary<string, string>> RoleTagsAsync(string role, CancellationToken ct)
    {
        var tags = await ListAsync("ListRoleTags", () => Named(role), static r => r.Pairs("Tags", "member", "Key", "Value"), ct);
        return tags.ToDictionary(StringComparer.Ordinal);
    }

    public Task PutRolePolicyAsync(string role, string policy, string document, CancellationToken ct)
        => CallAsync("PutRolePolicy", Named(role).Add("PolicyName", policy).Add("PolicyDocument", document), ct);

    public Task<string?> FindRolePolicyAsync(
        string role, string policy, CancellationToken ct) => guard.FindAsync("GetRolePolicy", async within =>
        Uri.UnescapeDataString((await wire.QueryAsync("GetRolePolicy", Named(role).Add("PolicyName", policy), within))
            .TextOrEmpty("PolicyDocument")), ct);

    public Task<IReadOnlyList<string>> ListRolePoliciesAsync(string role, CancellationToken ct)
        => ListAsync("ListRolePolicies", () => Named(role), static r => r.Items("PolicyNames", "member").Select(static e => e.Value), ct);

    public Task DeleteRolePolicyAsync(string role, string policy, CancellationToken ct)
        => CallAsync("DeleteRolePolicy", Named(role).Add("PolicyName", policy), ct);

    public Task<IReadOnlyList<string>> ListAttachedRolePoliciesAsync(string role, CancellationToken ct)
        => ListAsync("ListAttachedRolePolicies", () => Named(role), static r => r.Items("AttachedPolicies", "member")
            .Select(static e => e.TextOrEmpty("PolicyArn")), ct);

    public Task DetachRolePolicyAsync(string role, string policyArn, CancellationToken ct)
        => CallAsync("DetachRolePolicy", Named(role).Add("PolicyArn", policyArn), ct);

    private static QueryParameters Named(string role) => new QueryParameters().Add("RoleName", role);

    /// <summary>IAM hands its documents out percent-encoded.</summary>
    private static IamRole Role(XElement e) => new(
        e.TextOrEmpty("RoleName"), e.TextOrEmpty("Arn"), Uri.UnescapeDataString(e.TextOrEmpty("AssumeRolePolicyDocument")),
        e.Time("CreateDate"), e.Pairs("Tags", "member", "Key", "Value"));

    private Task<XElement> CallAsync(string action, QueryParameters parameters, CancellationToken ct)
        => guard.CallAsync(action, within => wire.QueryAsync(action, parameters, within), ct);

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string action, Func<QueryParameters> parameters, Func<XElement, IEnumerable<T>> read, CancellationToken ct)
    {
        List<T> all = [];
        string? marker = null;
        do
        {
            var page = await CallAsync(action, parameters().Add("Marker", marker), ct);
            all.AddRange(read(page));
            marker = page.Flag("IsTruncated") == true ? page.Text("Marker") : null;
        }
        while (marker is not null);
        return all;
    }
}
