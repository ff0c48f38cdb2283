namespace Sparkify.Core.Aws.Connections;

/// <summary>As whom AWS is called.</summary>
internal abstract record AwsLogin;

/// <summary>A profile of the machine's shared AWS configuration.</summary>
internal sealed record ProfileLogin(string Profile) : AwsLogin;

/// <summary>An access key pair.</summary>
internal sealed record KeyLogin(string AccessKey, string SecretKey) : AwsLogin
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => $"KeyLogin({AccessKey})";
}

/// <summary>A role to assume, as another login or, without one, as the machine itself.</summary>
internal sealed record RoleLogin(string Role, string? ExternalId, AwsLogin? On) : AwsLogin;

/// <summary>How a connection gets in, and the region it brings along.</summary>
internal sealed record NamedLogin(string Name, AwsLogin Login, string? Region);

/// <summary>The logins behind the connections there are.</summary>
internal interface IAwsLogins
{
    /// <summary>The login behind a connection; throws a sentence when there is none of that name, or its secret cannot be opened.</summary>
    ValueTask<NamedLogin> LoginAsync(string connection, CancellationToken ct);
}

/// <summary>Tries a login before it is kept.</summary>
internal interface IAwsLoginTest
{
    /// <summary>
    /// Who AWS says a login is, or, of none, this machine's own. Throws an <see cref="AwsException"/> when it is nobody.
    /// </summary>
    Task<AwsIdentity> WhoAmIAsync(NamedLogin? login, CancellationToken ct);

    /// <summary>The profiles of this machine.</summary>
    IReadOnlyList<string> Profiles();
}

/// <summary>Where no connections are kept.</summary>
internal sealed class NoLogins : IAwsLogins
{
    public ValueTask<NamedLogin> LoginAsync(string connection, CancellationToken ct) => throw Missing(connection, []);

    /// <summary>The sentence for a connection that there is not.</summary>
    public static AwsException Missing(string connection, IReadOnlyList<string> known) => new(AwsFault.Invalid,
        $"There is no AWS connection named '{connection}'. "
        + (known.Count == 0 ? "An administrator can make it under Settings, AWS." : $"There are: {string.Join(", ", known)}."));
}
