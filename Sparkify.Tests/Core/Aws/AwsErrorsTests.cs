using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Tests.Core.Aws;

/// <summary>The table of codes, the six families of exceptions, and that no secret gets out.</summary>
public sealed class AwsErrorsTests
{
    [Theory]
    [InlineData("Throttling", 400, AwsFault.Transient)]
    [InlineData("ThrottlingException", 400, AwsFault.Transient)]
    [InlineData("RequestLimitExceeded", 503, AwsFault.Transient)]
    [InlineData("DependentServiceRequestThrottlingFault", 400, AwsFault.Transient)]
    [InlineData("DependentServiceUnavailableFault", 400, AwsFault.Transient)]
    [InlineData(null, 500, AwsFault.Transient)]
    [InlineData("SomethingNew", 503, AwsFault.Transient)]
    [InlineData("AccessDenied", 403, AwsFault.Denied)]
    [InlineData("UnauthorizedOperation", 400, AwsFault.Denied)]
    [InlineData(null, 403, AwsFault.Denied)]
    [InlineData("ExpiredToken", 403, AwsFault.Credentials)]
    [InlineData("SignatureDoesNotMatch", 403, AwsFault.Credentials)]
    [InlineData("AuthFailure", 401, AwsFault.Credentials)]
    [InlineData("ClusterNotFound", 404, AwsFault.Missing)]
    [InlineData("InvalidGroup.NotFound", 400, AwsFault.Missing)]
    [InlineData("ClusterSubnetGroupNotFoundFault", 400, AwsFault.Missing)]
    [InlineData("NoSuchEntity", 404, AwsFault.Missing)]
    [InlineData("ClusterAlreadyExists", 400, AwsFault.Conflict)]
    [InlineData("InvalidGroup.Duplicate", 400, AwsFault.Conflict)]
    [InlineData("InvalidPermission.Duplicate", 400, AwsFault.Conflict)]
    [InlineData("InvalidClusterState", 400, AwsFault.Conflict)]
    [InlineData("InvalidClusterSubnetGroupStateFault", 400, AwsFault.Conflict)]
    [InlineData("DependencyViolation", 400, AwsFault.Conflict)]
    [InlineData("DeleteConflict", 409, AwsFault.Conflict)]
    [InlineData("NumberOfNodesQuotaExceeded", 400, AwsFault.Quota)]
    [InlineData("ClusterQuotaExceeded", 400, AwsFault.Quota)]
    [InlineData("InsufficientClusterCapacity", 400, AwsFault.Quota)]
    [InlineData("SecurityGroupLimitExceeded", 400, AwsFault.Quota)]
    [InlineData("LimitExceeded", 409, AwsFault.Quota)]
    [InlineData("InvalidParameterValue", 400, AwsFault.Invalid)]
    [InlineData("InvalidSubnet", 400, AwsFault.Invalid)]
    [InlineData("MalformedPolicyDocument", 400, AwsFault.Invalid)]
    public void A_code_is_of_one_kind(string? code, int status, AwsFault fault) => Assert.Equal(fault, AwsCodes.FaultOf(code, status));

    public static TheoryData<Exception, AwsFault> Families() => new()
    {
        { new AmazonServiceException("no", null, ErrorType.Sender, "AccessDenied", "r-1", HttpStatusCode.Forbidden), AwsFault.Denied },
        { new AmazonUnmarshallingException("r-1", "", new InvalidOperationException(), HttpStatusCode.OK), AwsFault.Transient },
        { new AmazonClientException("Failed to resolve AWS credentials."), AwsFault.Credentials },
        { new AmazonClientException("No RegionEndpoint or ServiceURL configured"), AwsFault.Invalid },
        { new HttpRequestException("refused", new SocketException()), AwsFault.Unreachable },
        { new IOException("cut"), AwsFault.Unreachable },
        { new TimeoutException("late"), AwsFault.Unreachable },
        { new TaskCanceledException("late"), AwsFault.Unreachable },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Each_family_of_exceptions_becomes_a_sentence(Exception error, AwsFault fault)
    {
        var translated = AwsErrors.Translate(error, AwsService.Redshift, "CreateCluster", CancellationToken.None);
        Assert.Equal(fault, translated!.Fault);
        Assert.Matches("^[A-Z].*[.\\]]$", translated.Message);
    }

    [Fact]
    public void What_is_no_trouble_with_AWS_stays_what_it_is()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Null(AwsErrors.Translate(new OperationCanceledException(), AwsService.Iam, "GetRole", cancelled.Token));
        Assert.Null(AwsErrors.Translate(new InvalidOperationException("ours"), AwsService.Iam, "GetRole", CancellationToken.None));
    }

    [Fact]
    public void A_signature_error_that_repeats_the_request_does_not_repeat_its_token()
    {
        const string Said = "The request signature we calculated does not match. The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:TOKEN123'";
        var error = new AmazonServiceException(Said, null, ErrorType.Sender, "SignatureDoesNotMatch", "r-1", HttpStatusCode.Forbidden);
        Assert.DoesNotContain("TOKEN123", AwsErrors.Translate(
            error, AwsService.Iam, "GetRole", CancellationToken.None)!.ToString(), StringComparison.Ordinal);

        var other = new AmazonServiceException(
            Said + " MasterUserPassword=Hunter2x", null, ErrorType.Sender, "InvalidParameterValue", "r-1", HttpStatusCode.BadRequest);
        var text = AwsErrors.Translate(other, AwsService.Redshift, "CreateCluster", CancellationToken.None)!.ToString();
        Assert.DoesNotContain("TOKEN123", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Hunter2x", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_record_shows_its_secret()
    {
        object[] records = [new TemporaryLogin("u", "s3cret", null), new SecretLogin("u", "s3cret"), new SimulatedAwsAccess(
            new Uri("http://x"), "r", "k", "s3cret")];
        Assert.All(records, r => Assert.DoesNotContain("s3cret", r.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("oregon", null, "Aws:Region must be a region's name such as us-west-2, was 'oregon'.")]
    [InlineData("us-west-2", "ftp://x", "Aws:ServiceUrl must be an http or https address, was 'ftp://x'.")]
    [InlineData(null, "http://localhost:4566", "Aws:Region is required with Aws:ServiceUrl: requests are signed for a region.")]
    public void Wrong_options_are_told_by_their_key(string? region, string? url, string sentence)
    {
        var result = new AwsOptionsValidator().Validate(null, new AwsOptions { Region = region, ServiceUrl = url });
        Assert.Equal([sentence], result.Failures);
    }

    [Fact]
    public void No_options_are_right_options()
    {
        Assert.True(new AwsOptionsValidator().Validate(null, new AwsOptions()).Succeeded);
        Assert.True(new AwsOptionsValidator().Validate(
            null, new AwsOptions { Region = "us-gov-west-1", ServiceUrl = "http://localhost:4566" }).Succeeded);
    }

    [Theory]
    [InlineData(false, "http://localhost:5990", null, null, "Aws:Simulator is off")]
    [InlineData(true, "http://example.com:5990", null, null, "Aws:SimulatorUrl must be an http address on this machine")]
    [InlineData(true, null, "Music", "/", "Aws:SimulatorBuckets:Music is no name for a bucket")]
    [InlineData(true, null, "music", "/no/such/folder", "Aws:SimulatorBuckets:music must be the full path of a folder that exists")]
    [InlineData(true, "http://localhost:5990", "music", "/", "has buckets of its own")]
    public void Options_OfTheSimulator_ThatCannotBe_AreNamed(bool on, string? url, string? bucket, string? folder, string sentence)
    {
        var options = new AwsOptions { Simulator = on, SimulatorUrl = url };
        if (bucket is not null)
        {
            options.SimulatorBuckets[bucket] = folder!;
        }

        Assert.Contains(sentence, new AwsOptionsValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }
}
