using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Policies to be attached to roles: AWS's own, known by name, and those of the account, which are made here.</summary>
internal static partial class ManagedPolicies
{
    private const string Prefix = "arn:aws:iam::aws:policy/";
    private const int LargestDocument = 6144;

    private static readonly FrozenSet<string> Names = Read();

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["CreatePolicy"] = Create,
        ["GetPolicy"] = static call => [Show(call, Known(call))],
        ["DeletePolicy"] = Delete,
        ["ListPolicies"] = List,
        ["GetPolicyVersion"] = static call => call.Form.Require("VersionId") == "v1" && Document(call, Known(call)) is { } document
            ? [Version(call, document)]
            : throw NoSuch($"Policy {call.Form["PolicyArn"]} version {call.Form["VersionId"]} does not exist or is not attachable."),
        ["ListPolicyVersions"] = static call => IamService.Paged(call, [Known(call)], "Versions", _ => Member(Version(call, null))),
        ["ListEntitiesForPolicy"] = static call =>
        {
            var arn = Known(call);
            return IamService.Paged(call, AttachedTo(call, arn), "PolicyRoles", static role => new XElement(
                "member", new XElement("RoleName", role.Name), new XElement("RoleId", role.Id)));
        },
    };

    /// <summary>Throws what IAM says of a policy that a role cannot have.</summary>
    public static string Attachable(QueryCall call)
    {
        var arn = Known(call);
        return arn.StartsWith($"{Prefix}aws-service-role/", StringComparison.Ordinal)
            ? throw new AwsErrorException("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")
            : arn;
    }

    /// <summary>The ARN a call names, when there is such a policy.</summary>
    private static string Known(QueryCall call)
    {
        var arn = call.Form.Require("PolicyArn");
        if (!arn.StartsWith("arn:", StringComparison.Ordinal) || !arn.Contains(":policy/", StringComparison.Ordinal))
        {
            throw new AwsErrorException("InvalidInput", $"ARN {arn} is not valid.");
        }

        return call.World.Policies.ContainsKey(arn) || (arn.StartsWith(Prefix, StringComparison.Ordinal) && Names.Contains(arn[Prefix.Length..]))
            ? arn
            : throw NoSuch($"Policy {arn} does not exist or is not attachable.");
    }

    private static XElement[] Create(QueryCall call)
    {
        var (name, path) = (call.Form.Require("PolicyName"), call.Form["Path"] ?? "/");
        if (!PolicyName().IsMatch(name))
        {
            throw new AwsErrorException("ValidationError",
                $"The specified value for policyName is invalid: {name}. It must contain 1 to 128 of the characters A-Z a-z 0-9 +=,.@_-");
        }

        var document = IamService.Document(call.Form.Require("PolicyDocument"), permissions: true);
        if (document.Count(static c => !char.IsWhiteSpace(c)) > LargestDocument)
        {
            throw new AwsErrorException("LimitExceeded", $"Cannot exceed quota for PolicySize: {LargestDocument}", 409);
        }

        if (call.World.Policies.Values.Any(p => p.Name == name))
        {
            throw new AwsErrorException("EntityAlreadyExists", $"A policy called {name} already exists. Duplicate names are not allowed.", 409);
        }

        var policy = new CustomerPolicy
        {
            Name = name,
            Id = "ANPA" + call.World.NewId("p")[2..].ToUpperInvariant(),
            Arn = $"arn:aws:iam::{call.World.Account}:policy{path}{name}",
            CreatedAt = call.Now,
            Document = document,
            Path = path,
            Description = call.Form["Description"],
            Tags = call.Form.Tags("Tags.member"),
        };
        call.World.Policies[policy.Arn] = policy;
        return [Show(call, policy.Arn)];
    }

    private static IEnumerable<XElement>? Delete(QueryCall call)
    {
        var arn = Known(call);
        if (!call.World.Policies.ContainsKey(arn))
        {
            throw new AwsErrorException("AccessDenied", $"User: {call.UserArn} is not authorized to perform: iam:DeletePolicy on resource: policy {arn}", 403);
        }

        if (AttachedTo(call, arn).Any())
        {
            throw new AwsErrorException("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
        }

        call.World.Policies.Remove(arn);
        return null;
    }

    private static IEnumerable<XElement> List(QueryCall call)
    {
        var (scope, prefix, attached) = (call.Form["Scope"] ?? "All", call.Form["PathPrefix"] ?? "/", call.Form.Flag("OnlyAttached") == true);
        var all = call.World.Policies.Keys.Where(_ => scope is "All" or "Local")
            .Concat(Names.Order(StringComparer.Ordinal).Where(_ => scope is "All" or "AWS").Select(static name => Prefix + name))
            .Where(arn => PathOf(arn).StartsWith(prefix, StringComparison.Ordinal) && (!attached || AttachedTo(call, arn).Any()));
        // As in AWS, the list leaves descriptions and tags out.
        return IamService.Paged(
            call, all, "Policies", arn => Member(Show(call, arn).Elements().Where(static e => e.Name.LocalName is not ("Tags" or "Description"))));
    }

    private static IEnumerable<Role> AttachedTo(QueryCall call, string arn) => call.World.Roles.Values.Where(r => r.Attached.Contains(arn));

    private static string PathOf(string arn)
    {
        var from = arn.IndexOf(":policy/", StringComparison.Ordinal) + ":policy".Length;
        return arn[from..(arn.LastIndexOf('/') + 1)];
    }

    /// <summary>What a policy says; of AWS's own only the names are known.</summary>
    private static string? Document(QueryCall call, string arn) => call.World.Policies.GetValueOrDefault(arn)?.Document;

    private static XElement Version(QueryCall call, string? document)
    {
        var policy = call.World.Policies.GetValueOrDefault(call.Form.Require("PolicyArn"));
        return new XElement("PolicyVersion",
            Wire.Optional("Document", document is null ? null : Uri.EscapeDataString(document)), new XElement("VersionId", "v1"),
            Wire.Flag("IsDefaultVersion", true), Wire.Optional("CreateDate", policy is null ? null : Wire.Time(policy.CreatedAt)));
    }

    private static XElement Show(QueryCall call, string arn)
    {
        var policy = call.World.Policies.GetValueOrDefault(arn);
        return new XElement("Policy",
            new XElement("PolicyName", arn[(arn.LastIndexOf('/') + 1)..]), Wire.Optional("PolicyId", policy?.Id), new XElement("Arn", arn),
            new XElement("Path", PathOf(arn)), new XElement("DefaultVersionId", "v1"), new XElement("AttachmentCount", AttachedTo(call, arn).Count()),
            new XElement("PermissionsBoundaryUsageCount", 0), Wire.Flag("IsAttachable", true), Wire.Optional("Description", policy?.Description),
            Wire.Optional("CreateDate", policy is null ? null : Wire.Time(policy.CreatedAt)),
            Wire.Optional("UpdateDate", policy is null ? null : Wire.Time(policy.CreatedAt)),
            policy is { Tags.Count: > 0 } ? new XElement("Tags", policy.Tags.Select(IamService.TagXml)) : null);
    }

    private static XElement Member(XElement element) => Member(element.Elements());

    private static XElement Member(IEnumerable<XElement> elements) => new("member", elements);

    private static AwsErrorException NoSuch(string message) => new("NoSuchEntity", message, 404);

    private static FrozenSet<string> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Sparkify.Simulator.Services.managed-policies.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^[\w+=,.@-]{1,128}$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PolicyName();
}
