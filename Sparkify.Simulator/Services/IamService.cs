using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>IAM 2010-05-08: roles and their inline policies, and who is asking.</summary>
internal static partial class IamService
{
    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["CreateRole"] = CreateRole,
        ["GetRole"] = static call => [RoleXml(Find(call))],
        ["ListRoles"] = ListRoles,
        ["DeleteRole"] = DeleteRole,
        ["UpdateAssumeRolePolicy"] = static call =>
        {
            Find(call).TrustPolicy = Document(call.Form.Require("PolicyDocument"));
            return null;
        },
        ["TagRole"] = TagRole,
        ["UntagRole"] = UntagRole,
        ["ListRoleTags"] = static call => Paged(call, Find(call).Tags, "Tags", TagXml),
        ["PutRolePolicy"] = static call =>
        {
            Find(call).Policies[call.Form.Require("PolicyName")] = Document(call.Form.Require("PolicyDocument"), permissions: true);
            return null;
        },
        ["GetRolePolicy"] = GetRolePolicy,
        ["ListRolePolicies"] = static call =>
            Paged(call, Find(call).Policies.Keys, "PolicyNames", static name => new XElement("member", name)),
        ["DeleteRolePolicy"] = static call => Find(call) is var role && role.Policies.Remove(call.Form.Require("PolicyName"))
            ? null
            : throw NoSuch($"The role policy with name {call.Form["PolicyName"]} cannot be found."),
        ["AttachRolePolicy"] = static call =>
        {
            Find(call).Attached.Add(ManagedPolicies.Attachable(call));
            return null;
        },
        ["DetachRolePolicy"] = static call => Find(call).Attached.Remove(call.Form.Require("PolicyArn"))
            ? null
            : throw NoSuch($"Policy {call.Form["PolicyArn"]} was not found."),
        ["ListAttachedRolePolicies"] = static call => Paged(call, Find(call).Attached, "AttachedPolicies", static arn => new XElement(
            "member", new XElement("PolicyName", arn[(arn.LastIndexOf('/') + 1)..]), new XElement("PolicyArn", arn))),
        ["GetUser"] = GetUser,
        ["ListInstanceProfilesForRole"] = static call =>
            Paged(call, Find(call).Attached.Take(0), "InstanceProfiles", static _ => new XElement("member")),
    };

    private static XElement[] CreateRole(QueryCall call)
    {
        var name = call.Form.Require("RoleName");
        if (!RoleName().IsMatch(name))
        {
            throw new AwsErrorException(
                "ValidationError",
                $"The specified value for roleName is invalid: {name}. It must contain 1 to 64 of the characters A-Z a-z 0-9 +=,.@_-");
        }

        var trust = Document(call.Form.Require("AssumeRolePolicyDocument"));
        if (call.World.Roles.ContainsKey(name))
        {
            throw new AwsErrorException("EntityAlreadyExists", $"Role with name {name} already exists.", 409);
        }

        if (call.World.Roles.Count >= call.World.Options.Quotas.Roles)
        {
            throw new AwsErrorException(
                "LimitExceeded", $"Cannot exceed quota for RolesPerAccount: {call.World.Options.Quotas.Roles}", 409);
        }

        var path = call.Form["Path"] ?? "/";
        var role = new Role
        {
            Name = name,
            Id = "AROA" + call.World.NewId("r")[2..].ToUpperInvariant(),
            Arn = $"arn:aws:iam::{call.World.Account}:role{path}{name}",
            CreatedAt = call.Now,
            TrustPolicy = trust,
            Path = path,
            Description = call.Form["Description"],
            MaxSessionDuration = call.Form.Int("MaxSessionDuration") ?? 3600,
            Tags = call.Form.Tags("Tags.member"),
        };
        call.World.Roles[name] = role;
        return [RoleXml(role)];
    }

    private static IEnumerable<XElement> ListRoles(QueryCall call)
    {
        var prefix = call.Form["PathPrefix"] ?? "/";
        // As in AWS, the list leaves the tags out: they are asked for one role at a time.
        return Paged(call, call.World.Roles.Values.Where(r => r.Path.StartsWith(prefix, StringComparison.Ordinal)), "Roles",
            static role => new XElement("member", RoleXml(role).Elements().Where(static e => e.Name != "Tags")));
    }

    private static IEnumerable<XElement>? DeleteRole(QueryCall call)
    {
        var role = Find(call);
        if (role.Policies.Count > 0)
        {
            throw new AwsErrorException("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
        }

        if (role.Attached.Count > 0)
        {
            throw new AwsErrorException("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
        }

        call.World.Roles.Remove(role.Name);
        return null;
    }

    private static IEnumerable<XElement>? TagRole(QueryCall call)
    {
        Tagging.Put(Find(call).Tags, call.Form.Tags("Tags.member"), "LimitExceeded");
        return null;
    }

    private static IEnumerable<XElement>? UntagRole(QueryCall call)
    {
        var role = Find(call);
        foreach (var key in call.Form.List("TagKeys.member"))
        {
            role.Tags.Remove(key);
        }

        return null;
    }

    private static XElement[] GetRolePolicy(QueryCall call)
    {
        var role = Find(call);
        var name = call.Form.Require("PolicyName");
        return role.Policies.TryGetValue(name, out var document)
            ? [new("RoleName", role.Name), new("PolicyName", name), new("PolicyDocument", Uri.EscapeDataString(document))]
            : throw NoSuch($"The role policy with name {name} cannot be found.");
    }

    /// <summary>The account has one user, whose keys are the simulator's.</summary>
    private static XElement[] GetUser(QueryCall call)
    {
        const string Users = ":user/";
        var (own, at) = (call.UserArn, call.UserArn.IndexOf(Users, StringComparison.Ordinal));
        if (call.Form["UserName"] is null && at < 0)
        {
            throw new AwsErrorException("ValidationError", "Must specify userName when calling with non-User credentials");
        }

        var name = call.Form["UserName"] ?? own[(at + Users.Length)..];
        return name == (at < 0 ? "engineer" : own[(at + Users.Length)..])
            ? [new("User", new XElement("Path", "/"), new XElement("UserName", name), new XElement("UserId", "AIDASIMULATEDENGINEER"),
                new XElement("Arn", $"arn:aws:iam::{call.World.Account}:user/{name}"), new XElement("CreateDate", "2026-01-01T00:00:00.000Z"))]
            : throw NoSuch($"The user with name {name} cannot be found.");
    }

    private static Role Find(QueryCall call)
    {
        var name = call.Form.Require("RoleName");
        return call.World.Roles.TryGetValue(name, out var role) ? role : throw NoSuch($"The role with name {name} cannot be found.");
    }

    private static AwsErrorException NoSuch(string message) => new("NoSuchEntity", message, 404);

    public static string Document(string json, bool permissions = false)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(
                "Statement", out var statements))
            {
                // A trust policy says who; a permission policy says what may be done to what.
                return !permissions || statements.ValueKind != JsonValueKind.Array
                    || statements.EnumerateArray().All(static s => s.TryGetProperty("Resource", out _))
                    ? json
                    : throw new AwsErrorException("MalformedPolicyDocument", "Policy statement must contain resources.");
            }
        }
        catch (JsonException)
        {
            // Falls through to the same refusal.
        }

        throw new AwsErrorException("MalformedPolicyDocument", "This policy contains invalid Json or has no Statement");
    }

    public static IEnumerable<XElement> Paged<T>(QueryCall call, IEnumerable<T> all, string list, Func<T, XElement> show)
    {
        var (items, marker) = Wire.Page(all, call.Form["Marker"], Wire.PageSize(call.Form, "MaxItems", 1, 1000, 100), "Marker");
        yield return new XElement(list, items.Select(show));
        yield return Wire.Flag("IsTruncated", marker is not null);
        if (marker is not null)
        {
            yield return new XElement("Marker", marker);
        }
    }

    public static XElement TagXml(KeyValuePair<string, string> tag) =>
        new("member", new XElement("Key", tag.Key), new XElement("Value", tag.Value));

    private static XElement RoleXml(Role role) => new("Role",
        new XElement("Path", role.Path),
        new XElement("RoleName", role.Name),
        new XElement("RoleId", role.Id),
        new XElement("Arn", role.Arn),
        new XElement("CreateDate", Wire.Time(role.CreatedAt)),
        new XElement("AssumeRolePolicyDocument", Uri.EscapeDataString(role.TrustPolicy)),
        Wire.Optional("Description", role.Description),
        new XElement("MaxSessionDuration", role.MaxSessionDuration),
        role.Tags.Count > 0 ? new XElement("Tags", role.Tags.Select(TagXml)) : null);

    [GeneratedRegex(@"^[\w+=,.@-]{1,64}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RoleName();
}
