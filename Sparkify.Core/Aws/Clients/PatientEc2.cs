using Amazon.EC2;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Sparkify.Core.Aws.Clients;

/// <summary>The SDK's client of EC2 with a longest back-off of our choosing, for which its configuration has no place.</summary>
internal sealed class PatientEc2(AWSCredentials? credentials, PatientEc2Config config) : AmazonEC2Client(credentials, config)
{
    /// <summary>Runs inside the base constructor, so it must not touch a field of this class.</summary>
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        var longest = ((PatientEc2Config)Config).LongestBackOff;
        pipeline.ReplaceHandler<RetryHandler>(
            new RetryHandler(new StandardRetryPolicy(Config) { MaxBackoffInMilliseconds = (int)longest.TotalMilliseconds }));
    }
}

/// <summary>The SDK's configuration of EC2 and a longest back-off.</summary>
internal sealed class PatientEc2Config : AmazonEC2Config
{
    /// <summary>The longest wait between two tries.</summary>
    public TimeSpan LongestBackOff { get; init; } = TimeSpan.FromSeconds(20);
}
