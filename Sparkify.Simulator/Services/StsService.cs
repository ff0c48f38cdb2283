using System.Security.Cryptography;
using System.Xml.Linq;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>STS 2011-06-15: who is calling, and roles to be assumed.</summary>
internal static class StsService
{
    private const int ShortestSeconds = 900;
    private const int NormalSeconds = 3600;

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["GetCallerIdentity"] = static call =>
        [
            new XElement("Arn", call.UserArn),
            new XElement("UserId", "AIDASIMULATEDUSER0000"),
            new XElement("Account", call.World.Account),
        ],
        ["AssumeRole"] = AssumeRole,
    };

    private static XElement[] AssumeRole(QueryCall call)
    {
        var arn = call.Form.Require("RoleArn");
        var session = call.Form.Require("RoleSessionName");
        var role = call.World.Roles.Values.FirstOrDefault(r => r.Arn == arn);
        // A role that is not there is refused in the words of one that may not be assumed.
        if (role is null || !Trusts(role, call))
        {
            throw new AwsErrorException(
                "AccessDenied", $"User: {call.UserArn} is not authorized to perform: sts:AssumeRole on resource: {arn}", 403);
        }

        var seconds = call.Form.Int("DurationSeconds") ?? NormalSeconds;
        if (seconds < ShortestSeconds || seconds > role.MaxSessionDuration)
        {
            throw new AwsErrorException(
                "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }

        var key = new AccessKey(
            $"ASIA{Convert.ToHexString(RandomNumberGenerator.GetBytes(8))}", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(60)), call.Now.AddSeconds(seconds))
        {
            Arn = $"arn:aws:sts::{call.World.Account}:assumed-role/{role.Name}/{session}",
        };
        call.World.Keys.Add(key);
        return
        [
            new XElement("Credentials",
                new XElement("AccessKeyId", key.Id),
                new XElement("SecretAccessKey", key.Secret),
                new XElement("SessionToken", key.Token),
                new XElement("Expiration", Wire.Time(key.ExpiresAt!.Value))),
            new XElement("AssumedRoleUser",
                new XElement("AssumedRoleId", $"{role.Id}:{session}"),
                new XElement("Arn", key.Arn)),
        ];
    }

    /// <summary>Whether its trust policy names the caller or the whole account, with the external id that is asked for.</summary>
    private static bool Trusts(Role role, QueryCall call)
    {
        var policy = role.TrustPolicy;
        return (policy.Contains($"\"{call.UserArn}\"", StringComparison.Ordinal)
                || policy.Contains($"\"arn:aws:iam::{call.World.Account}:root\"", StringComparison.Ordinal))
            && (!policy.Contains("sts:ExternalId", StringComparison.Ordinal)
                || (call.Form["ExternalId"] is { } id && policy.Contains($"\"{id}\"", StringComparison.Ordinal)));
    }
}
