using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Amazon.SecurityToken;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Core.Aws.Clients;

/// <summary>How hard the clients try; tests are less patient than people.</summary>
internal sealed record AwsTimeouts
{
    /// <summary>How often a call is tried again.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The longest wait between two tries.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long one try may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>Makes the clients for each place once and keeps them.</summary>
internal sealed partial class AwsClientFactory(
    IOptions<AwsOptions> options, AwsTimeouts patience, IEnumerable<ISimulatedAws> simulators, ILoggerFactory loggers,
    TimeProvider clock) : IAws, IDisposable
{
    // A peer that drops connections costs this many more tries on top of the retries; the SDK's own ten make 14 of one call.
    private const int StaleConnections = 1;

    private readonly ConcurrentDictionary<Route, Lazy<AwsClients>> _clients = new();
    private readonly ConcurrentBag<IDisposable> _toDispose = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public AwsClients For(AwsPlace place)
    {
        var route = RouteTo(place);
        return _clients.GetOrAdd(route, static (r, me) => new Lazy<AwsClients>(
            // A failure is not kept: the profile that is missing now may be there at the next try.
            () => me.Connect(r), LazyThreadSafetyMode.PublicationOnly), this).Value;
    }

    public void Dispose()
    {
        foreach (var client in _toDispose)
        {
            client.Dispose();
        }

        _http.Dispose();
    }

    private Route RouteTo(AwsPlace place)
    {
        if (!place.Simulated)
        {
            // What only resembles AWS calls its regions as it likes.
            if (options.Value.ServiceUrl is null && place.Region is { } region && !RegionForm().IsMatch(region))
            {
                throw new AwsException(
                    AwsFault.Invalid, $"'{region}' is no AWS region. Give one such as us-west-2, or leave it to the configuration.");
            }

            return new Route(place.Region ?? options.Value.Region, options.Value.ServiceUrl, Simulator: null);
        }

        var access = simulators.Select(static s => s.Access).FirstOrDefault(static a => a is not null)
            ?? throw new AwsException(
                AwsFault.Unreachable,
                "This warehouse lives on the built-in simulator, which is off. Set Aws:Simulator to true and restart.");
        return new Route(place.Region ?? access.Region, access.Url.ToString(), access);
    }

    private AwsClients Connect(Route route)
    {
        var simulated = route.Simulator is not null;
        var (credentials, profileRegion) = Credentials(route);
        // The last is the region the SDK's chain finds: environment, default profile, instance.
        var region = route.Region ?? profileRegion ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
            ?? throw new AwsException(AwsFault.Invalid, "No AWS region is configured. Set Aws:Region, or a region in the profile.");
        return new AwsClients
        {
            Region = region,
            Simulated = simulated,
            Sts = new StsClient(
                Kept(Configured(new AmazonSecurityTokenServiceConfig(), route, region) is var sts && credentials is null
                    ? new AmazonSecurityTokenServiceClient(sts) : new AmazonSecurityTokenServiceClient(credentials, sts)),
                Guard(AwsService.Sts), _http, local: IsHere(route)),
            Iam = new IamClient(Wire(AwsService.Iam, route, region, credentials), Guard(AwsService.Iam)),
            Ec2 = new Ec2Client(
                Kept(new PatientEc2(
                    credentials, Configured(new PatientEc2Config { LongestBackOff = patience.LongestBackOff }, route, region))),
                Guard(AwsService.Ec2)),
            Redshift = new RedshiftClient(Wire(AwsService.Redshift, route, region, credentials), Guard(AwsService.Redshift)),
            Secrets = new SecretsClient(Wire(AwsService.Secrets, route, region, credentials), Guard(AwsService.Secrets)),
            S3 = new S3Client(
                Kept(Configured(
                    new AmazonS3Config { ForcePathStyle = route.Url is not null }, route, region) is var s3 && credentials is null
                    ? new AmazonS3Client(s3) : new AmazonS3Client(credentials, s3)),
                Guard(AwsService.S3)),
        };
    }

    /// <summary>The credentials, and the region that comes with them; both none for the SDK's own chain.</summary>
    private (AWSCredentials? Credentials, string? Region) Credentials(Route route)
    {
        if (route.Simulator is { } simulator)
        {
            return (new BasicAWSCredentials(simulator.AccessKey, simulator.SecretKey), null);
        }

        if (options.Value.Profile is not { } name)
        {
            return (null, null);
        }

        var chain = new CredentialProfileStoreChain();
        return chain.TryGetProfile(name, out var profile) && chain.TryGetAWSCredentials(name, out var credentials)
            ? (credentials, profile.Region?.SystemName)
            : throw new AwsException(AwsFault.Credentials,
                $"There is no AWS profile named '{name}' with credentials. Aws:Profile names one of those that 'aws configure list-profiles' shows.");
    }

    /// <summary>Whether what stands in for AWS is on this machine, which then calls from loopback.</summary>
    private static bool IsHere(Route route) => route.Url is { } url && new Uri(url).IsLoopback;

    private AwsWireClient Wire(AwsService service, Route route, string region, AWSCredentials? credentials)
        => Kept(new AwsWireClient(
            Configured(new AwsWireConfig(service) { LongestBackOff = patience.LongestBackOff }, route, region, service), credentials));

    private T Configured<T>(T config, Route route, string region, AwsService? service = null) where T : ClientConfig
    {
        config.MaxErrorRetry = patience.Retries;
        config.MaxStaleConnectionRetries = StaleConnections;
        config.Timeout = patience.Timeout;
        // Answers carry passwords.
        config.LogResponse = false;
        config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        if (route.Url is { } url)
        {
            // Setting the address takes the region away, so the one to sign for has to be said.
            config.ServiceURL = url;
            config.AuthenticationRegion = service?.OnePerPartition == true
                ? new AwsWireConfig(service).PartitionSigningRegion(region)
                : region;
        }

        return config;
    }

    private AwsGuard Guard(AwsService service) => new(service, loggers.CreateLogger<AwsClientFactory>(), clock);

    private T Kept<T>(T client) where T : IDisposable
    {
        _toDispose.Add(client);
        return client;
    }

    private sealed record Route(string? Region, string? Url, SimulatedAwsAccess? Simulator);

    [GeneratedRegex(@"^[a-z]{2,}(-[a-z]+)+-\d{1,2}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegionForm();
}
