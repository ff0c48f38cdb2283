using System.Net;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Sparkify.Core.Aws.Errors;

namespace Sparkify.Core.Aws.Clients;

internal sealed class StsClient(IAmazonSecurityTokenService sts, AwsGuard guard, HttpClient http, bool local) : IStsClient
{
    // Amazon's own answer to "what is my address"; plain text, no credentials.
    private static readonly Uri AddressService = new("https://checkip.amazonaws.com/");

    public Task<AwsIdentity> WhoAmIAsync(CancellationToken ct) => guard.CallAsync("GetCallerIdentity", async within =>
    {
        var me = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), within);
        return new AwsIdentity(me.Account, me.Arn);
    }, ct);

    public async Task<IPAddress> CallerAddressAsync(CancellationToken ct) => local
        ? IPAddress.Loopback
        : await guard.CallAsync("CallerAddress", async within =>
    {
        var text = await http.GetStringAsync(AddressService, within);
        return IPAddress.TryParse(text.Trim(), out var address)
            ? address
            : throw new AwsException(
                AwsFault.Unreachable, "This machine's public address could not be found out. Give the address to let in by hand.");
    }, ct);
}
