using System.Collections.Concurrent;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Amazon.SecurityToken;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;
using Sparkify.Core.Common;

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
internal sealed class AwsClientFactory(
    IOptions<AwsOptions> options, AwsTimeouts patience, IEnumerable<ISimulatedAws> simulators, IAwsLogins logins, ILoggerFactory loggers,
    AwsSignals signals, TimeProvider clock) : IAws, IAwsLoginTest, IDisposable
{
    // STS answers in every region; of those who bring none along, only who they are is asked.
    private const string AnyRegion = "us-east-1";

    // A peer that drops connections costs this many more tries on top of the retries; the SDK's own ten make 14 of one call.
    private const int StaleConnections = 1;

    private readonly ConcurrentDictionary<Route, Lazy<AwsClients>> _clients = new();
    private readonly ConcurrentBag<IDisposable> _toDispose = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    static AwsClientFactory() => ThrottledTries.Register();

    public async ValueTask<AwsClients> ForAsync(AwsPlace place, CancellationToken ct)
    {
        var route = await RouteToAsync(place, ct);
        var clients = _clients.GetOrAdd(route, static (r, me) => new Lazy<AwsClients>(
            // A failure is not kept: the profile that is missing now may be there at the next try.
            () => me.Connect(r), LazyThreadSafetyMode.PublicationOnly), this);
        // The region may have to be asked of the machine's metadata service, which does not listen to anybody who gives up.
        return clients.IsValueCreated || CallBudget.Now is null || route.Region is not null ? clients.Value
            : await CallBudget.WithinAsync(
                _ => Task.Run(() => clients.Value, CancellationToken.None), static budget => new AwsException(
                    AwsFault.Unreachable,
                    $"The region of this machine's AWS configuration was not found within {budget.Words}. Set Aws:Region, or a region in the profile.")
                { OutOfTime = true }, ct);
    }

    public void Dispose()
    {
        foreach (var client in _toDispose)
        {
            client.Dispose();
        }

        _http.Dispose();
    }

    public async Task<AwsIdentity> WhoAmIAsync(NamedLogin? login, CancellationToken ct)
    {
        if (login is null)
        {
            return await (await ForAsync(new AwsPlace(), ct)).Sts.WhoAmIAsync(ct);
        }

        var region = login.Region ?? RegionOf(login.Login) ?? options.Value.Region ?? AnyRegion;
        using var sts = NewSts(CredentialsOf(login, region), region);
        return await new StsClient(sts, Guard(AwsService.Sts, Here(region), login.Name), _http, local: false).WhoAmIAsync(ct);
    }

    public IReadOnlyList<string> Profiles() =>
    [
        .. new CredentialProfileStoreChain().ListProfiles().Select(static p => p.Name).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    private async ValueTask<Route> RouteToAsync(AwsPlace place, CancellationToken ct)
    {
        if (!place.Simulated)
        {
            // What only resembles AWS calls its regions as it likes.
            if (options.Value.ServiceUrl is null && place.Region is { } region && !ConnectionRules.RegionForm().IsMatch(region))
            {
                throw new AwsException(
                    AwsFault.Invalid, $"'{region}' is no AWS region. Give one such as us-west-2, or leave it to the configuration.");
            }

            var login = place.Connection is { } name ? await logins.LoginAsync(name, ct) : null;
            return new Route(
                place.Region ?? login?.Region ?? (login is null ? null : RegionOf(login.Login)) ?? options.Value.Region,
                options.Value.ServiceUrl, Simulator: null, place.Connection);
        }

        if (place.Connection is not null)
        {
            throw new AwsException(AwsFault.Invalid, "The simulator has a login of its own: leave the AWS connection out.");
        }

        var access = simulators.Select(static s => s.Access).FirstOrDefault(static a => a is not null)
            ?? throw new AwsException(
                AwsFault.Unreachable,
                "This warehouse lives on the built-in simulator, which is off. Set Aws:Simulator to true and restart.");
        return new Route(place.Region ?? access.Region, access.Url.ToString(), access, Connection: null);
    }

    private AwsClients Connect(Route route)
    {
        var simulated = route.Simulator is not null;
        var (credentials, profileRegion) = Credentials(route);
        // The last is the region the SDK's chain finds: environment, default profile, instance.
        var region = route.Region ?? profileRegion ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
            ?? throw new AwsException(AwsFault.Invalid, "No AWS region is configured. Set Aws:Region, or a region in the profile.");
        credentials ??= route.Connection is { } connection
            ? new ConnectionCredentials(connection, logins, l => CredentialsOf(l, region)) : null;
        var place = PlaceOf(route, region);
        return new AwsClients
        {
            Region = region,
            Simulated = simulated,
            Sts = new StsClient(
                Kept(Configured(new AmazonSecurityTokenServiceConfig(), route, region) is var sts && credentials is null
                    ? new AmazonSecurityTokenServiceClient(sts) : new AmazonSecurityTokenServiceClient(credentials, sts)),
                At(AwsService.Sts), _http, local: IsHere(route)),
            Iam = new IamClient(Wire(AwsService.Iam, route, region, credentials), At(AwsService.Iam)),
            Ec2 = new Ec2Client(
                Kept(new PatientEc2(
                    credentials, Configured(new PatientEc2Config { LongestBackOff = patience.LongestBackOff }, route, region))),
                At(AwsService.Ec2)),
            Redshift = new RedshiftClient(
                Wire(AwsService.Redshift, route, region, credentials), At(AwsService.Redshift)),
            Secrets = new SecretsClient(Wire(AwsService.Secrets, route, region, credentials), At(AwsService.Secrets)),
            S3 = new S3Client(
                Kept(Configured(
                    new AmazonS3Config { ForcePathStyle = route.Url is not null }, route, region) is var s3 && credentials is null
                    ? new AmazonS3Client(s3) : new AmazonS3Client(credentials, s3)),
                At(AwsService.S3, credentials is ConnectionCredentials own ? own.GetCredentialsAsync : null)),
        };

        AwsGuard At(AwsService service, Func<Task>? before = null) => Guard(service, place, route.Connection, before);
    }

    /// <summary>The credentials, and the region that comes with them; both none for the SDK's own chain.</summary>
    private (AWSCredentials? Credentials, string? Region) Credentials(Route route)
    {
        if (route.Simulator is { } simulator)
        {
            return (new BasicAWSCredentials(simulator.AccessKey, simulator.SecretKey), null);
        }

        return route.Connection is not null ? (null, null)
            : options.Value.Profile is { } name ? (Profile(name, $"{AwsOptions.Section}:Profile names"), RegionOf(new ProfileLogin(name)))
            : (null, null);
    }

    private static AWSCredentials Profile(string name, string says)
    {
        var chain = new CredentialProfileStoreChain();
        return chain.TryGetProfile(name, out _) && chain.TryGetAWSCredentials(name, out var credentials)
            ? credentials
            : throw new AwsException(AwsFault.Credentials,
                $"There is no AWS profile named '{name}' with credentials. {says} one of those that 'aws configure list-profiles' shows.");
    }

    private static string? RegionOf(AwsLogin login) =>
        login is ProfileLogin(var name) && new CredentialProfileStoreChain().TryGetProfile(name, out var profile)
            ? profile.Region?.SystemName : null;

    /// <summary>The credentials behind a login; none for the SDK's own chain.</summary>
    private AWSCredentials CredentialsOf(NamedLogin login, string region) => login.Login switch
    {
        KeyLogin(var id, var secret) => new BasicAWSCredentials(id, secret),
        ProfileLogin(var name) => Profile(name, $"The connection '{login.Name}' needs"),
        RoleLogin role => new AssumedRole(
            role, NewSts(role.On is { } on ? CredentialsOf(login with { Login = on }, region) : OwnCredentials(), region),
            Guard(AwsService.Sts, Here(region), login.Name)),
        _ => throw new System.Diagnostics.UnreachableException($"No credentials for {login.Login}."),
    };

    private AWSCredentials? OwnCredentials() =>
        options.Value.Profile is { } name ? Profile(name, $"{AwsOptions.Section}:Profile names") : null;

    private AmazonSecurityTokenServiceClient NewSts(AWSCredentials? credentials, string region)
    {
        var config = Configured(
            new AmazonSecurityTokenServiceConfig(), new Route(region, options.Value.ServiceUrl, Simulator: null, Connection: null), region);
        return credentials is null ? new AmazonSecurityTokenServiceClient(config)
            : new AmazonSecurityTokenServiceClient(credentials, config);
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

    private string Here(string region) => PlaceOf(new Route(region, options.Value.ServiceUrl, Simulator: null, Connection: null), region);

    private static string PlaceOf(Route route, string region) => route.Url is { } url ? $"at {url}" : $"in {region}";

    private AwsGuard Guard(AwsService service, string place, string? connection, Func<Task>? before = null) =>
        new(service, place, loggers.CreateLogger<AwsClientFactory>(), signals, clock, connection, before);

    private T Kept<T>(T client) where T : IDisposable
    {
        _toDispose.Add(client);
        return client;
    }

    private sealed record Route(string? Region, string? Url, SimulatedAwsAccess? Simulator, string? Connection);
}
