using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Aws;

/// <summary>Settings of the section <c>Aws</c>. Credentials are never among them: they come from the SDK's own chain.</summary>
public sealed class AwsOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Aws";

    /// <summary>
    /// The profile of the shared AWS configuration to use; absent: the SDK's own chain (environment, default profile, SSO, instance role).
    /// </summary>
    public string? Profile { get; set; }

    /// <summary>The region warehouses are in unless they say otherwise; absent: what the SDK finds.</summary>
    public string? Region { get; set; }

    /// <summary>Sends every call to this address instead of AWS (LocalStack, moto and the like).</summary>
    public string? ServiceUrl { get; set; }

    /// <summary>Whether the built-in simulator is offered as a place for <c>redshift</c> warehouses.</summary>
    public bool Simulator { get; set; }

    /// <summary>
    /// A simulator that runs on its own on this machine, to be used instead of one inside the application; absent: one inside.
    /// </summary>
    public string? SimulatorUrl { get; set; }

    /// <summary>Folders that the simulator shows as buckets, by the bucket's name, beside <c>sparkify-sample</c>.</summary>
    public Dictionary<string, string> SimulatorBuckets { get; } = new(StringComparer.Ordinal);
}

internal sealed partial class AwsOptionsValidator : IValidateOptions<AwsOptions>
{
    public ValidateOptionsResult Validate(string? name, AwsOptions options)
    {
        List<string> wrong = [];
        if (options.Region is { } region && !RegionForm().IsMatch(region))
        {
            wrong.Add($"{AwsOptions.Section}:Region must be a region's name such as us-west-2, was '{region}'.");
        }

        if (options.ServiceUrl is { } url && !(Uri.TryCreate(
            url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
        {
            wrong.Add($"{AwsOptions.Section}:ServiceUrl must be an http or https address, was '{url}'.");
        }
        else if (options.ServiceUrl is { } at && MetadataHost.Is(new Uri(at)))
        {
            wrong.Add($"{AwsOptions.Section}:ServiceUrl leads to a machine's metadata service or another link-local address, which never stands in for AWS, was '{at}'.");
        }

        if (options.ServiceUrl is not null && options.Region is null)
        {
            wrong.Add($"{AwsOptions.Section}:Region is required with {AwsOptions.Section}:ServiceUrl: requests are signed for a region.");
        }

        if (options.Profile is { } profile && string.IsNullOrWhiteSpace(profile))
        {
            wrong.Add($"{AwsOptions.Section}:Profile must be a profile's name or absent, was blank.");
        }

        CheckSimulator(options, wrong);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void CheckSimulator(AwsOptions options, List<string> wrong)
    {
        if (options.SimulatorUrl is { } url && !(Uri.TryCreate(
            url, UriKind.Absolute, out var address) && address is { Scheme: "http", IsLoopback: true }))
        {
            wrong.Add($"{AwsOptions.Section}:SimulatorUrl must be an http address on this machine, was '{url}'.");
        }

        if (!options.Simulator && (options.SimulatorUrl is not null || options.SimulatorBuckets.Count > 0))
        {
            wrong.Add($"{AwsOptions.Section}:SimulatorUrl and {AwsOptions.Section}:SimulatorBuckets say what the simulator is like, but {AwsOptions.Section}:Simulator is off. Set it to true, or leave them out.");
        }

        if (options.SimulatorUrl is not null && options.SimulatorBuckets.Count > 0)
        {
            wrong.Add($"{AwsOptions.Section}:SimulatorBuckets are for the simulator inside the application; the one at {AwsOptions.Section}:SimulatorUrl has buckets of its own.");
        }

        foreach (var (bucket, folder) in options.SimulatorBuckets)
        {
            if (!BucketForm().IsMatch(bucket))
            {
                wrong.Add($"{AwsOptions.Section}:SimulatorBuckets:{bucket} is no name for a bucket: 3 to 63 lower-case letters, digits, dots and hyphens.");
            }

            if (!Path.IsPathFullyQualified(folder) || !Directory.Exists(folder))
            {
                wrong.Add($"{AwsOptions.Section}:SimulatorBuckets:{bucket} must be the full path of a folder that exists, was '{folder}'.");
            }
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BucketForm();

    [GeneratedRegex("^[a-z]{2}(-[a-z]+)+-[0-9]$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RegionForm();
}
