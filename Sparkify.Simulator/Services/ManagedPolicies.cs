using System.Collections.Frozen;
using System.Reflection;

namespace Sparkify.Simulator.Services;

/// <summary>Which policies there are to be attached to a role: AWS's own, since nobody creates any here.</summary>
internal static class ManagedPolicies
{
    private const string Prefix = "arn:aws:iam::aws:policy/";

    private static readonly FrozenSet<string> Names = Read();

    /// <summary>Throws what IAM says of a policy that a role cannot have.</summary>
    public static string Attachable(string arn)
    {
        if (!arn.StartsWith("arn:", StringComparison.Ordinal) || !arn.Contains(":policy/", StringComparison.Ordinal))
        {
            throw new AwsErrorException("InvalidInput", $"ARN {arn} is not valid.");
        }

        if (!arn.StartsWith(Prefix, StringComparison.Ordinal) || !Names.Contains(arn[Prefix.Length..]))
        {
            throw new AwsErrorException("NoSuchEntity", $"Policy {arn} does not exist or is not attachable.", 404);
        }

        return arn.StartsWith($"{Prefix}aws-service-role/", StringComparison.Ordinal)
            ? throw new AwsErrorException("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
            : arn;
    }

    private static FrozenSet<string> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Sparkify.Simulator.Services.managed-policies.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
