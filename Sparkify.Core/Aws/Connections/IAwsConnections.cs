using System.Text.Json.Serialization;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Aws.Connections;

/// <summary>How a connection gets into AWS.</summary>
public enum AwsConnectionKind
{
    /// <summary>By a profile of this machine's AWS configuration.</summary>
    Profile,

    /// <summary>By a role that is assumed.</summary>
    Role,

    /// <summary>By an access key pair.</summary>
    Key,
}

/// <summary>What whoever chooses a connection sees of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How it gets in.</param>
/// <param name="Account">The account it leads into.</param>
/// <param name="Region">The region it brings along; none for the configured one.</param>
public sealed record AwsConnectionName(string Name, AwsConnectionKind Kind, string Account, string? Region);

/// <summary>A way into AWS that warehouses name. Its secret is nowhere in it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How it gets in.</param>
/// <param name="Profile">The profile's name.</param>
/// <param name="Role">The ARN of the role that is assumed.</param>
/// <param name="ExternalId">What the role's trust policy asks for besides; none for nothing.</param>
/// <param name="On">The connection that assumes the role; none for this machine's own credentials.</param>
/// <param name="AccessKey">The id of the access key.</param>
/// <param name="Region">The region it brings along; none for the configured one.</param>
/// <param name="Account">The account AWS said it is in when it was last tested.</param>
/// <param name="Arn">Who AWS said it is.</param>
/// <param name="TestedAt">When that was.</param>
/// <param name="MadeAt">When it was made.</param>
/// <param name="MadeBy">By whom.</param>
public sealed record AwsConnection(
    string Name, AwsConnectionKind Kind, string? Profile, string? Role, string? ExternalId, string? On, string? AccessKey, string? Region,
    string Account, string Arn, DateTimeOffset TestedAt, DateTimeOffset MadeAt, string MadeBy)
{
    /// <summary>The warehouses that use it, and the connections that assume a role by it.</summary>
    public IReadOnlyList<string> UsedBy { get; init; } = [];
}

/// <summary>How a connection is to get in: a profile, a role, or a key pair.</summary>
/// <param name="Profile">A profile's name, as <c>aws configure list-profiles</c> shows it.</param>
/// <param name="Role">A role's ARN.</param>
/// <param name="ExternalId">What the role's trust policy asks for besides.</param>
/// <param name="On">The connection that assumes the role; none for this machine's own credentials.</param>
/// <param name="AccessKey">An access key's id.</param>
/// <param name="SecretKey">That key's secret: kept encrypted and never shown again.</param>
/// <param name="Region">The region it brings along; none for the configured one.</param>
public sealed record NewAwsConnection(
    string? Profile = null, string? Role = null, string? ExternalId = null, string? On = null, string? AccessKey = null,
    string? SecretKey = null, string? Region = null)
{
    /// <summary>How it gets in.</summary>
    [JsonIgnore]
    public AwsConnectionKind Kind => Profile is not null ? AwsConnectionKind.Profile
        : Role is not null ? AwsConnectionKind.Role
        : AwsConnectionKind.Key;

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"{Kind} {Profile ?? Role ?? AccessKey}";
}

/// <summary>The ways into AWS that warehouses can name.</summary>
[Guarded]
public interface IAwsConnections
{
    /// <summary>Those there are, to choose from.</summary>
    [Needs(Right.Engineer, Subject.Shared)]
    Task<IReadOnlyList<AwsConnectionName>> NamesAsync(CancellationToken ct);

    /// <summary>
    /// One by name, with who it is in AWS and what uses it; a not-found <see cref="SparkifyException"/> when there is none.
    /// </summary>
    [Needs(Right.Administer, Subject.All)]
    Task<AwsConnection> GetAsync(string name, CancellationToken ct);

    /// <summary>Asks AWS who a connection is, or this machine's own credentials. Throws a sentence when it is nobody.</summary>
    /// <param name="connection">The connection; none for this machine's own credentials.</param>
    /// <param name="ct">Cancels.</param>
    [Needs(Right.Engineer, Subject.Shared)]
    Task<AwsIdentity> WhoAmIAsync(string? connection, CancellationToken ct);

    /// <summary>Those there are, with who they are in AWS and what uses them.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<AwsConnection>> ListAsync(CancellationToken ct);

    /// <summary>The profiles of this machine's AWS configuration.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<string>> ProfilesAsync(CancellationToken ct);

    /// <summary>Makes one, once AWS has said who it is. Throws a sentence when it says that it is nobody.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<AwsConnection> AddAsync(string name, NewAwsConnection login, Actor actor, CancellationToken ct);

    /// <summary>
    /// Puts another way in into its place, once AWS has said who that is. It counts from the next call to AWS on. Refused when warehouses
    /// use it and it would lead into another account.
    /// </summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<AwsConnection> ReplaceAsync(string name, NewAwsConnection login, Actor actor, CancellationToken ct);

    /// <summary>Asks AWS again who it is.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<AwsConnection> TestAsync(string name, Actor actor, CancellationToken ct);

    /// <summary>When the key was made that secrets are encrypted with.</summary>
    [Needs(Right.Administer, Subject.All)]
    DateTimeOffset KeySince { get; }

    /// <summary>
    /// Makes a new key and encrypts every secret with it, those of hooks included, all of them or none. Gives how many there were. Throws a
    /// sentence when one cannot be opened.
    /// </summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<int> ReencryptAsync(Actor actor, CancellationToken ct);

    /// <summary>Deletes one that nothing uses.</summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task DeleteAsync(string name, Actor actor, CancellationToken ct);
}
