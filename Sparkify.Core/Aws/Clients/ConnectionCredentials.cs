using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Aws.Errors;

namespace Sparkify.Core.Aws.Clients;

/// <summary>
/// The credentials behind a connection, asked for at each call: what is put into its place counts from the next one on, in runs that are
/// under way, too.
/// </summary>
internal sealed class ConnectionCredentials(string connection, IAwsLogins logins, Func<NamedLogin, AWSCredentials> open) : AWSCredentials
{
    private volatile Opened? _now;

    /// <summary>What was found last: the signer of S3 cannot wait, so its guard has asked just before (<see cref="AwsGuard"/>).</summary>
    public override ImmutableCredentials GetCredentials() =>
        (_now ?? throw new InvalidOperationException("Nobody has asked for these credentials yet.")).Credentials.GetCredentials();

    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        var login = await logins.LoginAsync(connection, CancellationToken.None); // the SDK hands no token on
        var now = _now;
        if (now?.Login != login)
        {
            _now = now = new Opened(login, open(login));
        }

        return await now.Credentials.GetCredentialsAsync();
    }

    private sealed record Opened(NamedLogin Login, AWSCredentials Credentials);
}

/// <summary>What STS hands out for a role, and again before it ends.</summary>
internal sealed class AssumedRole : RefreshingAWSCredentials
{
    private const string Session = "sparkify-web";

    private readonly RoleLogin _role;
    private readonly IAmazonSecurityTokenService _sts;
    private readonly AwsGuard _guard;

    public AssumedRole(RoleLogin role, IAmazonSecurityTokenService sts, AwsGuard guard)
    {
        (_role, _sts, _guard) = (role, sts, guard);
        PreemptExpiryTime = TimeSpan.FromMinutes(5);
    }

    // Of a signer that cannot wait, when they end in the middle of its call.
    protected override CredentialsRefreshState GenerateNewCredentials() => Task.Run(GenerateNewCredentialsAsync).GetAwaiter().GetResult();

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        var answer = await _guard.CallAsync("AssumeRole", within => _sts.AssumeRoleAsync(
            new AssumeRoleRequest { RoleArn = _role.Role, RoleSessionName = Session, ExternalId = _role.ExternalId }, within),
            CancellationToken.None);
        var key = answer.Credentials;
        return new CredentialsRefreshState(
            new ImmutableCredentials(key.AccessKeyId, key.SecretAccessKey, key.SessionToken), key.Expiration!.Value);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _sts.Dispose();
        }
    }
}
