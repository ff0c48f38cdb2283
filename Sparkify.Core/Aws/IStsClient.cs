using System.Net;

namespace Sparkify.Core.Aws;

/// <summary>The caller of AWS.</summary>
/// <param name="Account">The account's number.</param>
/// <param name="Arn">The user's or role's ARN.</param>
public sealed record AwsIdentity(string Account, string Arn);

/// <summary>AWS Security Token Service, API 2011-06-15.</summary>
public interface IStsClient
{
    /// <summary>Who is calling: works with any valid credentials.</summary>
    Task<AwsIdentity> WhoAmIAsync(CancellationToken ct);

    /// <summary>
    /// The address this machine's calls come from, which is the one to let in; for a stand-in on this machine the loopback address.
    /// </summary>
    Task<IPAddress> CallerAddressAsync(CancellationToken ct);
}
