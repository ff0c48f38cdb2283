namespace Sparkify.Core.Aws;

/// <summary>A place to be talked to: a region of AWS, or the same of the built-in simulator.</summary>
/// <param name="Region">The region; none for the configured one.</param>
/// <param name="Simulated">Whether the simulator stands in for AWS.</param>
/// <param name="Connection">The connection to call as; none for this machine's own credentials.</param>
public sealed record AwsPlace(string? Region = null, bool Simulated = false, string? Connection = null);

/// <summary>The door to AWS: clients for a place, made once and kept.</summary>
public interface IAws
{
    /// <summary>The clients for a place. Throws an <see cref="AwsException"/> when the place cannot be talked to as configured.</summary>
    ValueTask<AwsClients> ForAsync(AwsPlace place, CancellationToken ct);
}

/// <summary>The clients for one place; all are safe to use from any thread.</summary>
public sealed record AwsClients
{
    /// <summary>The region they talk to.</summary>
    public required string Region { get; init; }

    /// <summary>Whether the simulator stands in for AWS.</summary>
    public required bool Simulated { get; init; }

    /// <summary>Who is calling.</summary>
    public required IStsClient Sts { get; init; }

    /// <summary>Roles.</summary>
    public required IIamClient Iam { get; init; }

    /// <summary>Networks.</summary>
    public required IEc2Client Ec2 { get; init; }

    /// <summary>Clusters.</summary>
    public required IRedshiftClient Redshift { get; init; }

    /// <summary>Objects.</summary>
    public required IS3Client S3 { get; init; }

    /// <summary>Managed passwords.</summary>
    public required ISecretsClient Secrets { get; init; }
}

/// <summary>The built-in simulator, when there is one: the application registers it with <c>Aws:Simulator</c> on.</summary>
public interface ISimulatedAws
{
    /// <summary>How to reach it; none while it does not run.</summary>
    SimulatedAwsAccess? Access { get; }
}

/// <summary>How to reach the simulator.</summary>
/// <param name="Url">Where it listens.</param>
/// <param name="Region">Its region.</param>
/// <param name="AccessKey">The access key it accepts.</param>
/// <param name="SecretKey">That key's secret, which opens nothing else.</param>
public sealed record SimulatedAwsAccess(Uri Url, string Region, string AccessKey, string SecretKey)
{
    /// <summary>Never the secret, worthless as this one is.</summary>
    public override string ToString() => $"SimulatedAwsAccess({Url}, {Region})";
}
