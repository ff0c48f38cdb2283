using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Aws.Connections;

/// <summary>What a connection can be like.</summary>
public static partial class ConnectionRules
{
    private const int LongestText = 200;

    /// <summary>What is wrong with a name, or none.</summary>
    public static string? NameProblem(string? name) => name is not null && NameForm().IsMatch(name) ? null
        : $"'{name}' is no name for a connection: a lower-case letter, then up to 40 lower-case letters, digits and hyphens.";

    /// <summary>What is wrong with a way in, or none.</summary>
    public static string? Problem(NewAwsConnection login)
    {
        ArgumentNullException.ThrowIfNull(login);
        var kinds = new[] { login.Profile, login.Role, login.AccessKey ?? login.SecretKey }.Count(static k => k is not null);
        return kinds != 1 ? "Say how it gets in, in one way: a profile, a role, or an access key with its secret."
            : new[] { login.Profile, login.Role, login.ExternalId, login.On, login.AccessKey, login.SecretKey }
                .Any(static t => t is not null && (t.Length is 0 or > LongestText || t.Any(char.IsControl)))
                ? $"Every field has 1 to {LongestText} characters, or is left out."
            : login.Region is { } region && !RegionForm().IsMatch(region) ? $"'{region}' is no AWS region. Give one such as us-west-2."
            : login.Role is null && (login.On ?? login.ExternalId) is not null
                ? "Only a role is assumed on another connection, and with an external id."
            : login.Role is { } role && !RoleForm().IsMatch(role)
                ? $"'{role}' is no role's ARN, such as arn:aws:iam::123456789012:role/analytics."
            : login.Kind == AwsConnectionKind.Key ? KeyProblem(login) : null;
    }

    internal static void Check(string name, NewAwsConnection login)
    {
        if ((NameProblem(name) ?? Problem(login)) is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }
    }

    private static string? KeyProblem(NewAwsConnection login) =>
        login.AccessKey is null || login.SecretKey is null ? "An access key has two parts: its id and its secret."
        : login.AccessKey.StartsWith("ASIA", StringComparison.Ordinal)
            ? $"{login.AccessKey} is a temporary key: it ends within hours. Use the profile or the role it came from, or a key of its own."
        : !KeyForm().IsMatch(login.AccessKey) ? $"'{login.AccessKey}' is no access key's id: 16 to 128 letters and digits, mostly beginning with AKIA."
        : login.SecretKey.Any(char.IsWhiteSpace) ? "The secret holds a blank: copy it again."
        : null;

    [GeneratedRegex("^[a-z][a-z0-9-]{0,40}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[a-z]{2,}(-[a-z]+)+-\d{1,2}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex RegionForm();

    [GeneratedRegex(@"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RoleForm();

    [GeneratedRegex("^[A-Za-z0-9_]{16,128}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex KeyForm();
}
