namespace Sparkify.Core.Aws;

/// <summary>An IAM role.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arn">Its ARN.</param>
/// <param name="TrustPolicy">Who may assume it: a policy document.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Tags">Its tags; a list of roles leaves them out.</param>
public sealed record IamRole(
    string Name, string Arn, string TrustPolicy, DateTimeOffset? CreatedAt, IReadOnlyDictionary<string, string> Tags);

/// <summary>A role to be created.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TrustPolicy">Who may assume it: a policy document.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Tags">Its tags.</param>
public sealed record NewRole(string Name, string TrustPolicy, string Description, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Where among the account's roles it stands, such as <c>/sparkify/</c>.</summary>
    public string Path { get; init; } = "/";
}

/// <summary>AWS Identity and Access Management, API 2010-05-08: roles and their inline policies.</summary>
public interface IIamClient
{
    /// <summary>Creates a role; a conflict when the name is taken.</summary>
    Task<IamRole> CreateRoleAsync(NewRole role, CancellationToken ct);

    /// <summary>A role by name, or none.</summary>
    Task<IamRole?> FindRoleAsync(string name, CancellationToken ct);

    /// <summary>All roles under a path, without their tags.</summary>
    Task<IReadOnlyList<IamRole>> ListRolesAsync(string? pathPrefix, CancellationToken ct);

    /// <summary>Deletes a role that has no policies left.</summary>
    Task DeleteRoleAsync(string name, CancellationToken ct);

    /// <summary>Says anew who may assume a role.</summary>
    Task UpdateTrustPolicyAsync(string role, string trustPolicy, CancellationToken ct);

    /// <summary>Adds tags to a role.</summary>
    Task TagRoleAsync(string role, IReadOnlyDictionary<string, string> tags, CancellationToken ct);

    /// <summary>Takes tags off a role.</summary>
    Task UntagRoleAsync(string role, IReadOnlyList<string> keys, CancellationToken ct);

    /// <summary>A role's tags.</summary>
    Task<IReadOnlyDictionary<string, string>> RoleTagsAsync(string role, CancellationToken ct);

    /// <summary>Writes an inline policy, replacing one of the same name.</summary>
    Task PutRolePolicyAsync(string role, string policy, string document, CancellationToken ct);

    /// <summary>An inline policy's document, or none.</summary>
    Task<string?> FindRolePolicyAsync(string role, string policy, CancellationToken ct);

    /// <summary>The names of a role's inline policies.</summary>
    Task<IReadOnlyList<string>> ListRolePoliciesAsync(string role, CancellationToken ct);

    /// <summary>Deletes an inline policy.</summary>
    Task DeleteRolePolicyAsync(string role, string policy, CancellationToken ct);

    /// <summary>The ARNs of the managed policies attached to a role.</summary>
    Task<IReadOnlyList<string>> ListAttachedRolePoliciesAsync(string role, CancellationToken ct);

    /// <summary>Takes a managed policy off a role.</summary>
    Task DetachRolePolicyAsync(string role, string policyArn, CancellationToken ct);
}
