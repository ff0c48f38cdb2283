using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: temporary passwords, of a database user that is named or of the caller itself.</summary>
internal static partial class RedshiftLogins
{
    private const int ShortestSeconds = 900;
    private const int LongestSeconds = 3600;

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["GetClusterCredentials"] = ForUser,
        ["GetClusterCredentialsWithIAM"] = ForCaller,
    };

    // Whether the user exists is found out at the login, as in AWS.
    private static XElement[] ForUser(QueryCall call)
    {
        var user = call.Form.Require("DbUser");
        if (!UserForm().IsMatch(user) || user.Equals("public", StringComparison.OrdinalIgnoreCase))
        {
            throw AwsErrorException.Value($"The parameter DbUser is not valid: {user}. It has 1 to 64 letters, digits and _ + . @ -, "
                + "begins with a letter and is no reserved word.");
        }

        var groups = call.Form.List("DbGroups.DbGroup");
        if (groups.FirstOrDefault(static g => !GroupForm().IsMatch(g)) is { } wrong)
        {
            throw AwsErrorException.Value($"The parameter DbGroups is not valid: {wrong}. A group has 1 to 64 lower-case letters, digits and "
                + "_ + . @ -, and begins with a letter.");
        }

        var create = call.Form.Flag("AutoCreate") ?? false;
        return Show(Issue(call, $"{(create ? "IAMA" : "IAM")}:{user}", user, create, groups));
    }

    private static IEnumerable<XElement> ForCaller(QueryCall call)
    {
        // arn:aws:iam::ACCOUNT:user/PATH/NAME, or arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION.
        var parts = call.UserArn.Split('/');
        var name = parts[0].EndsWith(":assumed-role", StringComparison.Ordinal) ? $"IAMR:{parts[1]}" : $"IAM:{parts[^1]}";
        var login = Issue(call, name, name, create: true, groups: []);
        return Show(login).Append(new XElement("NextRefreshTime", Wire.Time(login.ExpiresAt)));
    }

    private static TemporaryLogin Issue(QueryCall call, string name, string user, bool create, IReadOnlyList<string> groups)
    {
        var cluster = RedshiftClusters.Find(call);
        var seconds = call.Form.Int("DurationSeconds") ?? ShortestSeconds;
        if (seconds is < ShortestSeconds or > LongestSeconds)
        {
            throw AwsErrorException.Value($"DurationSeconds is {ShortestSeconds} to {LongestSeconds}, was {seconds}.");
        }

        var login = new TemporaryLogin(name, user, Convert.ToBase64String(RandomNumberGenerator.GetBytes(48)), call.Now.AddSeconds(seconds),
            create, groups, call.Form["DbName"]);
        cluster.Logins.RemoveAll(l => l.ExpiresAt <= call.Now);
        cluster.Logins.Add(login);
        return login;
    }

    private static XElement[] Show(TemporaryLogin login) =>
        [new("DbUser", login.Name), new("DbPassword", login.Password), new("Expiration", Wire.Time(login.ExpiresAt))];

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_+.@-]{0,63}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex UserForm();

    [GeneratedRegex("^[a-z][a-z0-9_+.@-]{0,63}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex GroupForm();
}
