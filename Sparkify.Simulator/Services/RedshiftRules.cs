using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sparkify.Simulator.Services;

/// <summary>What Redshift refuses, from the texts of its service model (2012-12-01).</summary>
internal static partial class RedshiftRules
{
    /// <summary>What can be ordered, and whether as a single node (an RG xlarge or 4xlarge has at least two nodes).</summary>
    public static IReadOnlyList<(string NodeType, bool SingleNode)> Orderable { get; } =
    [
        ("ra3.large", true), ("ra3.xlplus", true), ("ra3.4xlarge", false), ("ra3.16xlarge", false),
        ("rg.large", true), ("rg.xlarge", false), ("rg.4xlarge", false), ("rg.12xlarge", false),
    ];

    /// <summary>A name as Redshift keeps it: in lower case, however it was written.</summary>
    public static string Identifier(string value, string parameter, int longest = 63) =>
        Fold(value) is var name && IdentifierForm().IsMatch(name) && name.Length <= longest
        ? name
        : throw AwsErrorException.Value($"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only "
            + "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.");

    public static string Fold(string name) => name.ToLowerInvariant();

    public static int Nodes(QueryForm form, string nodeType, string normalType = "multi-node")
    {
        var type = form["ClusterType"] ?? normalType;
        var count = form.Int("NumberOfNodes");
        if (type is not ("single-node" or "multi-node"))
        {
            throw AwsErrorException.Value($"Invalid cluster type: {type}");
        }

        // Those of the first generations are no quota's matter but nobody's any more (nccgroup/sadcloud#23).
        if (nodeType.StartsWith("dc1", StringComparison.Ordinal) || nodeType.StartsWith("ds", StringComparison.Ordinal)
            || nodeType.StartsWith("dw", StringComparison.Ordinal))
        {
            throw new AwsErrorException(
                "NumberOfNodesQuotaExceeded", $"You do not have access to node type {nodeType}. Choose another node type");
        }

        // dc2 among them (aws-samples/amazon-bedrock-agents-healthcare-lifesciences#122).
        if (Orderable.FirstOrDefault(o => o.NodeType == nodeType) is not { NodeType: not null } option)
        {
            throw AwsErrorException.Value($"Invalid node type: {nodeType}");
        }

        if (type == "single-node")
        {
            return count is not null ? throw AwsErrorException.Value("Number of nodes is not a valid parameter for a single-node cluster.")
                : option.SingleNode ? 1
                : throw AwsErrorException.Value($"The node type {nodeType} needs at least 2 nodes.");
        }

        return count is null ? throw AwsErrorException.Combination(
            "Number of nodes for cluster type multi-node must be greater than or equal to 2.")
            : count is >= 2 and <= 100 ? count.Value
            : throw AwsErrorException.Value($"Invalid number of nodes: {count}. A multi-node cluster has 2 to 100.");
    }

    public static int Port(QueryForm form)
    {
        var port = form.Int("Port") ?? 5439;
        return port is >= 5431 and <= 5455 or >= 8191 and <= 8215
            ? port
            : throw AwsErrorException.Value($"The port {port} is not valid for this node type: use 5431-5455 or 8191-8215.");
    }

    /// <summary>Refuses a managed password where none is known.</summary>
    public static void RequireManaging(QueryCall call)
    {
        if (call.Faults.ManagedPasswords == ManagedPasswords.Refused && call.Form["ManageMasterPassword"] is not null)
        {
            throw AwsErrorException.Value("Unknown parameter in input: \"ManageMasterPassword\".");
        }
    }

    /// <summary>Whether the password is managed. Exactly one of the two ways has to be chosen.</summary>
    public static bool ManagedPassword(QueryForm form)
    {
        var managed = form.Flag("ManageMasterPassword") ?? false;
        if (form["MasterUserPassword"] is not { } password)
        {
            return managed
                ? true
                : throw AwsErrorException.Combination("Either MasterUserPassword or ManageMasterPassword must be specified.");
        }

        if (managed)
        {
            throw AwsErrorException.Combination("MasterUserPassword cannot be specified when ManageMasterPassword is true.");
        }

        return ValidPassword(password) ? false : throw WrongPassword();
    }

    /// <summary>A password that may be given to the master; none when none is given.</summary>
    public static string? NewPassword(QueryForm form) => form["MasterUserPassword"] is not { } password ? null
        : ValidPassword(password) ? password : throw WrongPassword();

    public static int ManualRetention(QueryForm form, string parameter) => form.Int(parameter) is not { } days ? -1
        : days is -1 or (>= 1 and <= 3653) ? days
        : throw new AwsErrorException("InvalidRetentionPeriodFault",
            "The retention period specified is either in the past or is not a valid value. The value must be either -1 or an integer between 1 and 3,653.");

    private static bool ValidPassword(string password) => password.Length is >= 8 and <= 64 && password.Any(char.IsAsciiLetterUpper)
        && password.Any(char.IsAsciiLetterLower)
        && password.Any(char.IsAsciiDigit) && password.All(static c => c is >= '!' and <= '~' && !"'\"\\/@".Contains(c));

    private static AwsErrorException WrongPassword() => AwsErrorException.Value(
        "The parameter MasterUserPassword is not a valid password: 8 to 64 printable characters with an "
        + "upper-case letter, a lower-case letter and a digit, without ' \" \\ / @ or space.");

    public static string Database(QueryForm form)
    {
        var name = form["DBName"] ?? "dev";
        return DatabaseForm().IsMatch(name) ? name : throw AwsErrorException.Value(
            $"The database name {name} is not valid: lower-case letters, digits and _, starting with a letter.");
    }

    public static string MasterUser(QueryForm form)
    {
        var name = form.Require("MasterUsername");
        return UserForm().IsMatch(name) && name is not ("public" or "user")
            ? name
            : throw AwsErrorException.Value(
                $"The parameter MasterUsername is not valid: {name}. It must start with a lower-case letter and not be a reserved word.");
    }

    public static int SnapshotRetention(QueryForm form) => form.Int("AutomatedSnapshotRetentionPeriod") is not { } days ? 1
        : days is >= 1 and <= 35 ? days
        : throw AwsErrorException.Value(
            "Automated snapshots can not be disabled for this node type: AutomatedSnapshotRetentionPeriod is 1 to 35.");

    /// <summary>
    /// A role Redshift can assume: there, old enough to be seen, and trusting redshift.amazonaws.com (terraform-provider-aws#19113).
    /// </summary>
    public static string UsableRole(QueryCall call, string arn)
    {
        var role = call.World.Roles.Values.FirstOrDefault(r => r.Arn == arn);
        var settled = role is not null && call.Now >= role.CreatedAt + call.Faults.SlowRole;
        return settled && TrustsRedshift(role!.TrustPolicy)
            ? arn
            : throw AwsErrorException.Value(
                $"The IAM role {arn} is not valid. The IAM role must delegate access to an Amazon Redshift account.");
    }

    private static bool TrustsRedshift(string policy)
    {
        using var document = JsonDocument.Parse(policy);
        return document.RootElement.GetProperty("Statement") is var statements
            && (statements.ValueKind == JsonValueKind.Array ? [.. statements.EnumerateArray()] : new[] { statements })
            .Any(static s => s.TryGetProperty(
                "Principal",
                out var principal) && principal.ValueKind == JsonValueKind.Object && principal.TryGetProperty("Service", out var service)
                && service.ToString().Contains("redshift.amazonaws.com", StringComparison.Ordinal));
    }

    [GeneratedRegex("^[a-z](-?[a-z0-9])*$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex IdentifierForm();

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DatabaseForm();

    [GeneratedRegex(@"^[a-z][a-z0-9_+.@-]{0,127}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UserForm();
}
