using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace Sparkify.Core.Aws.Wire;

/// <summary>The SDK's client configuration for a service described by an <see cref="AwsService"/>.</summary>
internal sealed class AwsWireConfig : ClientConfig
{
    // The SDK insists on every mode being there; only the standard one is asked for.
    private static readonly IDefaultConfiguration[] Modes =
    [
        Mode(DefaultConfigurationMode.Standard, 3100),
        Mode(DefaultConfigurationMode.InRegion, 1100),
        Mode(DefaultConfigurationMode.CrossRegion, 3100),
        Mode(DefaultConfigurationMode.Mobile, 30000),
        Mode(DefaultConfigurationMode.Auto, 1100),
    ];

    public AwsWireConfig(AwsService service) : base(new DefaultConfigurationProvider(Modes))
    {
        Service = service;
        ServiceId = service.ServiceId;
        AuthenticationServiceName = service.SigningName;
    }

    public AwsService Service { get; }

    /// <summary>The longest wait between two tries.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(20);

    public override string ServiceVersion => Service.ApiVersion;

    public override string RegionEndpointServiceName => Service.SigningName;

    public override string UserAgent => $"sparkify-web api/{Service.SigningName}";

    /// <summary>Where to send a call; the SDK's own endpoint handler asks.</summary>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (ServiceURL is { Length: > 0 } url)
        {
            return new Endpoint(url);
        }

        var region = (parameters.AlternateEndpoint ?? RegionEndpoint)?.SystemName
            ?? throw new AmazonClientException("No RegionEndpoint or ServiceURL configured");
        var partition = Fn.Partition(region);
        if (Service.OnePerPartition)
        {
            return new Endpoint("https://" + PartitionHost(partition.name));
        }

        // The US government partition's ordinary hosts are the FIPS ones.
        var fips = UseFIPSEndpoint && partition.name != "aws-us-gov" ? "-fips" : "";
        var suffix = UseDualstackEndpoint ? partition.dualStackDnsSuffix : partition.dnsSuffix;
        return new Endpoint($"https://{Service.SigningName}{fips}.{region}.{suffix}");
    }

    /// <summary>The region requests are signed for, where that is not the region they are sent to.</summary>
    public string? PartitionSigningRegion(string? region) =>
        !Service.OnePerPartition || region is null ? null : Fn.Partition(region).name switch
        {
            "aws" => "us-east-1",
            "aws-cn" => "cn-north-1",
            "aws-us-gov" => "us-gov-west-1",
            _ => null,
        };

    /// <summary>From the rule set of IAM's endpoints.</summary>
    private string PartitionHost(string partition) => (partition, UseDualstackEndpoint) switch
    {
        ("aws", false) => $"{Service.SigningName}{(UseFIPSEndpoint ? "-fips" : "")}.amazonaws.com",
        ("aws", true) => $"{Service.SigningName}{(UseFIPSEndpoint ? "-fips" : "")}.global.api.aws",
        ("aws-cn", false) => $"{Service.SigningName}.cn-north-1.amazonaws.com.cn",
        ("aws-us-gov", false) => $"{Service.SigningName}.us-gov.amazonaws.com",
        ("aws-us-gov", true) => $"{Service.SigningName}.us-gov.api.aws",
        _ =>
            throw new AmazonClientException(
                $"The endpoint of {Service.Title} in the partition {partition} is not known; set Aws:ServiceUrl."),
    };

    private static DefaultConfiguration Mode(DefaultConfigurationMode mode, int connectMilliseconds) => new()
    {
        Name = mode,
        RetryMode = RequestRetryMode.Standard,
        S3UsEast1RegionalEndpoint = S3UsEast1RegionalEndpointValue.Regional,
        ConnectTimeout = TimeSpan.FromMilliseconds(connectMilliseconds),
        TlsNegotiationTimeout = TimeSpan.FromMilliseconds(connectMilliseconds),
    };
}
