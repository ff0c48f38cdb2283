using System.Diagnostics.Metrics;
using Amazon;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Clients;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Tests.Core.Aws;

/// <summary>Where calls go and what they are signed for, in every partition.</summary>
public sealed class AwsEndpointTests
{
    [Theory]
    [InlineData("redshift", "us-west-2", "https://redshift.us-west-2.amazonaws.com", null)]
    [InlineData("redshift", "cn-north-1", "https://redshift.cn-north-1.amazonaws.com.cn", null)]
    [InlineData("secretsmanager", "us-gov-west-1", "https://secretsmanager.us-gov-west-1.amazonaws.com", null)]
    [InlineData("iam", "eu-central-1", "https://iam.amazonaws.com", "us-east-1")]
    [InlineData("iam", "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("iam", "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1")]
    public void A_service_in_a_region_has_one_endpoint(string service, string region, string url, string? signedFor)
    {
        var config = new AwsWireConfig(Service(service)) { RegionEndpoint = RegionEndpoint.GetBySystemName(region) };
        Assert.Equal(url, Endpoint(config));
        Assert.Equal(signedFor, config.PartitionSigningRegion(region));
    }

    [Theory]
    [InlineData("eu-central-1", "https://ec2.eu-central-1.amazonaws.com")]
    [InlineData("cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn")]
    [InlineData("us-gov-west-1", "https://ec2.us-gov-west-1.amazonaws.com")]
    public void Ec2_in_a_region_has_one_endpoint(string region, string url)
    {
        var config = new PatientEc2Config { RegionEndpoint = RegionEndpoint.GetBySystemName(region) };
        Assert.Equal(url, Endpoint(config, new DescribeVpcsRequest()));
    }

    [Fact]
    public void Fips_dual_stack_and_an_endpoint_of_ones_own_are_heeded()
    {
        var west = RegionEndpoint.USWest2;
        Assert.Equal("https://redshift-fips.us-west-2.amazonaws.com", Endpoint(
            new(AwsService.Redshift) { RegionEndpoint = west, UseFIPSEndpoint = true }));
        Assert.Equal("https://redshift.us-west-2.api.aws", Endpoint(
            new(AwsService.Redshift) { RegionEndpoint = west, UseDualstackEndpoint = true }));
        Assert.Equal("https://iam.global.api.aws", Endpoint(new(AwsService.Iam) { RegionEndpoint = west, UseDualstackEndpoint = true }));
        Assert.Equal("http://localhost:4566", Endpoint(new(AwsService.Redshift) { ServiceURL = "http://localhost:4566" }));
    }

    [Fact]
    public async Task A_profile_that_is_not_there_is_named()
    {
        using var factory = Door(new AwsOptions { Profile = "no-such-profile-here", Region = "us-west-2" });
        var error = await Assert.ThrowsAsync<AwsException>(async () => await factory.ForAsync(new AwsPlace(), default));
        Assert.Equal(AwsFault.Credentials, error.Fault);
        Assert.Contains("no-such-profile-here", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Oregon")]
    [InlineData("us-west")]
    [InlineData("us-west-2a")]
    public async Task A_region_that_is_none_is_refused_before_any_call(string region)
    {
        using var factory = Door(new AwsOptions { Region = "us-west-2" });
        var error = await Assert.ThrowsAsync<AwsException>(async () => await factory.ForAsync(new AwsPlace(region), default));
        Assert.Equal(AwsFault.Invalid, error.Fault);
        Assert.Contains($"'{region}' is no AWS region", error.Message, StringComparison.Ordinal);
    }

    // As an address may be written; the last two are those of others.
    [Theory]
    [InlineData("http://169.254.169.254/latest/", true)]
    [InlineData("http://169.254.170.2/v2/credentials", true)]
    [InlineData("http://2852039166/", true)]
    [InlineData("http://0xA9FEA9FE/", true)]
    [InlineData("http://0251.0376.0251.0376/", true)]
    [InlineData("http://[fe80::1]:4566/", true)]
    [InlineData("http://[fe80::1%25eth0]/", true)]
    [InlineData("http://[::ffff:169.254.169.254]/", true)]
    [InlineData("http://[fd00:ec2::254]/", true)]
    [InlineData("https://metadata.google.internal/", true)]
    [InlineData("http://Metadata.Google.Internal./", true)]
    [InlineData("http://instance-data/", true)]
    [InlineData("http://user@169.254.169.254/", true)]
    [InlineData("http://localhost:4566/", false)]
    [InlineData("https://aws.example.com/169.254.169.254", false)]
    public void A_service_url_of_a_metadata_service_is_refused_in_words(string url, bool refused)
    {
        var result = new AwsOptionsValidator().Validate(null, new AwsOptions { ServiceUrl = url, Region = "us-west-2" });

        Assert.Equal(refused, result.Failed);
        if (refused)
        {
            Assert.Equal(
                [$"Aws:ServiceUrl leads to a machine's metadata service or another link-local address, which never stands in for AWS, was '{url}'."],
                result.Failures!);
        }
    }

    [Fact]
    public async Task A_simulator_that_is_off_is_told()
    {
        using var factory = Door(new AwsOptions());
        Assert.Contains("Aws:Simulator", (await Assert.ThrowsAsync<AwsException>(
            async () => await factory.ForAsync(new AwsPlace(Simulated: true), default))).Message, StringComparison.Ordinal);
    }

    private static AwsClientFactory Door(AwsOptions options) =>
        new(Options.Create(options), new AwsTimeouts(), [], new NoLogins(), NullLoggerFactory.Instance, new AwsSignals(new NoMeters()),
            TimeProvider.System);

    private static string Endpoint(AwsWireConfig config) => Endpoint(config, new Nothing());

    private static string Endpoint(ClientConfig config, AmazonWebServiceRequest request)
        => config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(request)).URL.TrimEnd('/');

    private static AwsService Service(string name) => name switch
    {
        "redshift" => AwsService.Redshift,
        "iam" => AwsService.Iam,
        _ => AwsService.Secrets,
    };

    private sealed class Nothing : AmazonWebServiceRequest;

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
