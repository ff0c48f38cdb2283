using System.Text.Json;
using System.Text.RegularExpressions;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>Whether a role's policies allow an action, as IAM decides: a Deny wins, and what nothing allows is denied.</summary>
internal static class RolePolicy
{
    private const string ReadOnly = """{"Statement":{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}}""";
    private const string Everything = """{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}""";

    public static bool Allows(Role role, World world, string action, string resource, string? prefix = null)
    {
        var allowed = false;
        foreach (var policy in role.Policies.Values.Concat(role.Attached.Select(arn => Managed(arn, world)).OfType<string>()))
        {
            using var document = JsonDocument.Parse(policy);
            foreach (var statement in Many(document.RootElement.GetProperty("Statement")))
            {
                if (Matches(statement, "Action", action, ignoreCase: true) && Matches(statement, "Resource", resource, ignoreCase: false)
                    && Holds(statement, world.Account, prefix))
                {
                    if (statement.GetProperty("Effect").GetString() == "Deny")
                    {
                        return false;
                    }

                    allowed = true;
                }
            }
        }

        return allowed;
    }

    private static string? Managed(string arn, World world) => arn switch
    {
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" => ReadOnly,
        "arn:aws:iam::aws:policy/AmazonS3FullAccess" or "arn:aws:iam::aws:policy/AdministratorAccess" => Everything,
        _ => world.Policies.GetValueOrDefault(arn)?.Document,
    };

    private static bool Matches(JsonElement statement, string member, string value, bool ignoreCase)
        => statement.TryGetProperty(member, out var patterns) ? Many(patterns).Exists(p => IsLike(p.GetString()!, value, ignoreCase))
            : statement.TryGetProperty("Not" + member, out var not) && !Many(not).Exists(p => IsLike(p.GetString()!, value, ignoreCase));

    private static bool Holds(JsonElement statement, string account, string? prefix)
        => !statement.TryGetProperty("Condition", out var conditions)
            || conditions.EnumerateObject().All(
                op => op.Value.EnumerateObject().All(test => Holds(op.Name, test.Name, test.Value, account, prefix)));

    private static bool Holds(string op, string key, JsonElement wanted, string account, string? prefix)
    {
        var value = key.ToLowerInvariant() switch
        {
            "s3:prefix" => prefix,
            "aws:securetransport" => "true",
            "aws:resourceaccount" or "aws:principalaccount" or "s3:resourceaccount" => account,
            _ => null,
        };
        var optional = op.EndsWith("IfExists", StringComparison.Ordinal);
        if (value is null)
        {
            return optional || op.Contains("Not", StringComparison.Ordinal);
        }

        var like = Many(wanted).Exists(w => op.StartsWith("StringLike", StringComparison.Ordinal) || op.StartsWith(
            "StringNotLike", StringComparison.Ordinal)
            ? IsLike(w.ToString(), value, ignoreCase: false)
            : string.Equals(w.ToString(), value, op.Contains(
                "IgnoreCase", StringComparison.Ordinal) || op.StartsWith("Bool", StringComparison.Ordinal)
                ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
        return like != op.Contains("Not", StringComparison.Ordinal);
    }

    private static bool IsLike(string pattern, string value, bool ignoreCase) => Regex.IsMatch(
        value, "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)
            .Replace("\\?", ".", StringComparison.Ordinal) + "$",
        RegexOptions.Singleline | RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None),
        TimeSpan.FromSeconds(1));

    private static List<JsonElement> Many(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
}
