using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>EC2 2016-11-15: security groups and tags.</summary>
internal static partial class Ec2Groups
{
    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["DescribeSecurityGroups"] = Describe,
        ["CreateSecurityGroup"] = Create,
        ["DeleteSecurityGroup"] = Delete,
        ["AuthorizeSecurityGroupIngress"] = static call => Authorize(call, Find(call), static group => group.Rules),
        ["RevokeSecurityGroupIngress"] = static call => Revoke(call, Find(call), static group => group.Rules),
        ["AuthorizeSecurityGroupEgress"] = static call => Authorize(call, Find(call), static group => group.Egress),
        ["RevokeSecurityGroupEgress"] = static call => Revoke(call, Find(call), static group => group.Egress),
        ["DescribeSecurityGroupRules"] = DescribeRules,
        ["CreateTags"] = static call => Tag(call, static (group, tags) => Tagging.Put(group.Tags, tags, "TagLimitExceeded")),
        ["DeleteTags"] = static call => Tag(call, static (group, tags) => tags.ForEach(tag => group.Tags.Remove(tag.Key))),
    };

    private static XElement Done => new("return", "true");

    private static IEnumerable<XElement> Describe(QueryCall call)
    {
        var ids = call.Form.List("GroupId");
        var names = call.Form.List("GroupName");
        Ec2Query.RequireAll(ids, call.Region.Groups.ContainsKey, "InvalidGroup.NotFound", "The security group '{0}' does not exist");
        Ec2Query.RequireAll(names, n => call.Region.Groups.Values.Any(
            g => g.Name == n), "InvalidGroup.NotFound", "The security group '{0}' does not exist");
        var tagFilters = call.Form.Items("Filter").Select(f => f.Require("Name")).Where(n => n.StartsWith("tag:", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal)
            .Select(n => (n, (Func<SecurityGroup, IEnumerable<string>>)(
                g => g.Tags.TryGetValue(n["tag:".Length..], out var value) ? [value] : [])));
        return Ec2Query.Paged(
            call, "securityGroupInfo",
            call.Region.Groups.Values.Where(g => (ids.Count == 0 || ids.Contains(g.Id)) && (names.Count == 0 || names.Contains(g.Name))),
            group => Show(call, group),
            [("group-id", static g => [g.Id]), ("group-name", static g => [g.Name]), ("vpc-id", static g => [g.VpcId]),
                ("tag-key", static g => g.Tags.Keys), .. tagFilters]);
    }

    private static XElement[] Create(QueryCall call)
    {
        var name = call.Form.Require("GroupName");
        var description = call.Form.Require("GroupDescription");
        var vpc = call.Form["VpcId"] ?? call.Region.Vpcs.Values.First(v => v.IsDefault).Id;
        if (name.Length > 255 || description.Length > 255 || name.StartsWith("sg-", StringComparison.Ordinal))
        {
            throw AwsErrorException.Value(
                $"Value ({name}) for parameter GroupName is invalid. It can have up to 255 characters and cannot start with sg-.");
        }

        Ec2Query.RequireAll([vpc], call.Region.Vpcs.ContainsKey, "InvalidVpcID.NotFound", "The vpc ID '{0}' does not exist");
        if (call.Region.Groups.Values.Any(g => g.VpcId == vpc && g.Name == name))
        {
            throw new AwsErrorException("InvalidGroup.Duplicate", $"The security group '{name}' already exists for VPC '{vpc}'");
        }

        if (call.Region.Groups.Values.Count(g => g.VpcId == vpc) >= call.World.Options.Quotas.SecurityGroups)
        {
            throw new AwsErrorException(
                "SecurityGroupLimitExceeded", "The maximum number of security groups for this VPC has been reached.");
        }

        var tags = call.Form.Items("TagSpecification").SelectMany(s => s.Require("ResourceType") == "security-group"
            ? s.Tags("Tag")
            : throw AwsErrorException.Value("'" + s["ResourceType"] + "' is not a valid taggable resource type for this operation."));
        var group = new SecurityGroup
        {
            Id = call.World.NewId("sg"),
            Name = name,
            VpcId = vpc,
            Description = description,
            Tags = new Dictionary<string, string>(tags, StringComparer.Ordinal),
        };
        call.Region.Groups[group.Id] = group;
        return [Done, new("groupId", group.Id), Wire.Tags("tagSet", "item", "key", "value", group.Tags)];
    }

    private static XElement[] Delete(QueryCall call)
    {
        var group = Find(call);
        if (group.Name == "default")
        {
            throw new AwsErrorException(
                "CannotDelete", $"the specified group: \"{group.Id}\" name: \"default\" cannot be deleted by a user");
        }

        if (call.Region.Interfaces.Values.Any(i => i.Groups.Contains(group.Id)) || call.Region.Groups.Values.Any(
            g => g.Id != group.Id && g.Rules.Concat(g.Egress).Any(r => r.GroupId == group.Id)))
        {
            throw new AwsErrorException("DependencyViolation", $"resource {group.Id} has a dependent object");
        }

        call.Region.Groups.Remove(group.Id);
        return [Done, new("groupId", group.Id)];
    }

    private static XElement[] Authorize(QueryCall call, SecurityGroup group, Func<SecurityGroup, List<SecurityRule>> of)
    {
        var (rules, known) = (Rules(call).ToList(), of(group));
        foreach (var rule in rules)
        {
            if (known.Exists(rule.SameAs))
            {
                var peer = rule.Cidr ?? rule.CidrV6 ?? rule.GroupId ?? rule.PrefixListId;
                throw new AwsErrorException("InvalidPermission.Duplicate",
                    $"the specified rule \"peer: {peer}, {rule.Protocol.ToUpperInvariant()}, from port: {rule.FromPort}, to port: {rule.ToPort}, ALLOW\" already exists");
            }
        }

        if (known.Count + rules.Count > call.World.Options.Quotas.RulesPerSecurityGroup)
        {
            throw new AwsErrorException(
                "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.");
        }

        known.AddRange(rules);
        return [Done, new("securityGroupRuleSet", rules.Select(r => ShowRule(call, group, r)))];
    }

    private static XElement[] Revoke(QueryCall call, SecurityGroup group, Func<SecurityGroup, List<SecurityRule>> of)
    {
        var known = of(group);
        var ids = call.Form.List("SecurityGroupRuleId");
        var gone = ids.Count > 0
            ? known.FindAll(r => ids.Contains(r.Id))
            : [.. Rules(call).SelectMany(wanted => known.Where(wanted.SameAs))];
        if (gone.Count == 0)
        {
            throw new AwsErrorException("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
        }

        known.RemoveAll(gone.Contains);
        return [Done];
    }

    private static IEnumerable<XElement> DescribeRules(QueryCall call) => Ec2Query.Paged(
        call, "securityGroupRuleSet", call.Region.Groups.Values.SelectMany(static g => g.Rules.Concat(g.Egress).Select(r => (Group: g, Rule: r))),
        pair => ShowRule(call, pair.Group, pair.Rule),
        ("group-id", static pair => [pair.Group.Id]), ("security-group-rule-id", static pair => [pair.Rule.Id]));

    private static XElement[] Tag(QueryCall call, Action<SecurityGroup, List<KeyValuePair<string, string>>> apply)
    {
        var tags = call.Form.Items("Tag").Select(static tag => KeyValuePair.Create(tag.Require("Key"), tag["Value"] ?? "")).ToList();
        foreach (var id in call.Form.List("ResourceId"))
        {
            var group = call.Region.Groups.GetValueOrDefault(id) ?? throw new AwsErrorException("InvalidID", $"The ID '{id}' is not valid");
            apply(group, tags);
        }

        return [Done];
    }

    private static IEnumerable<SecurityRule> Rules(QueryCall call)
    {
        var found = false;
        foreach (var permission in call.Form.Items("IpPermissions"))
        {
            foreach (var range in permission.Items("IpRanges"))
            {
                found = true;
                yield return Rule(call, permission, cidr: range.Require("CidrIp"), description: range["Description"]);
            }

            foreach (var range in permission.Items("Ipv6Ranges"))
            {
                found = true;
                yield return Rule(call, permission, cidrV6: range.Require("CidrIpv6"), description: range["Description"]);
            }

            foreach (var peer in permission.Items("Groups"))
            {
                found = true;
                yield return Rule(call, permission, peer: peer.Require("GroupId"), description: peer["Description"]);
            }

            foreach (var list in permission.Items("PrefixListIds"))
            {
                found = true;
                yield return Rule(call, permission, prefixList: list.Require("PrefixListId"), description: list["Description"]);
            }
        }

        if (call.Form["CidrIp"] is { } simple)
        {
            found = true;
            yield return Rule(call, call.Form, cidr: simple);
        }

        if (!found)
        {
            throw AwsErrorException.Missing("IpPermissions");
        }
    }

    private static SecurityRule Rule(
        QueryCall call, QueryForm form, string? cidr =
            null, string? cidrV6 = null, string? peer = null, string? prefixList = null, string? description = null)
    {
        if ((cidr ?? cidrV6) is { } range && !IPNetwork.TryParse(range, out _))
        {
            throw AwsErrorException.Value($"CIDR block {range} is malformed");
        }

        if (peer is not null && !call.Region.Groups.ContainsKey(peer))
        {
            throw new AwsErrorException("InvalidGroup.NotFound", $"The security group '{peer}' does not exist");
        }

        // No prefix lists are kept here: whatever is named like one is taken to be there.
        if (prefixList is not null && !PrefixListId().IsMatch(prefixList))
        {
            throw new AwsErrorException("InvalidPrefixListID.NotFound", $"The prefix list ID '{prefixList}' does not exist");
        }

        // A protocol is kept in lower case, and by its name where it has one.
        var protocol = form.Require("IpProtocol").ToLowerInvariant() switch
        {
            "6" => "tcp",
            "17" => "udp",
            "1" => "icmp",
            "58" => "icmpv6",
            "all" => "-1",
            var named => named,
        };
        var (from, to) = protocol == "-1" ? (-1, -1) : (
            form.Int("FromPort") ?? throw AwsErrorException.Missing("FromPort"),
            form.Int("ToPort") ?? throw AwsErrorException.Missing("ToPort"));
        return from <= to && to <= 65535
            ? new SecurityRule(call.World.NewId("sgr"), protocol, from, to, cidr, cidrV6, peer, description, prefixList)
            : throw AwsErrorException.Value(string.Create(CultureInfo.InvariantCulture, $"Invalid TCP/UDP port range ({from}:{to})"));
    }

    private static SecurityGroup Find(QueryCall call)
    {
        var group = call.Form["GroupId"] is { } id ? call.Region.Groups.GetValueOrDefault(id)
            : call.Form["GroupName"] is { } name ? call.Region.Groups.Values.FirstOrDefault(g => g.Name == name)
            : throw AwsErrorException.Missing("GroupId");
        return group ?? throw new AwsErrorException(
            "InvalidGroup.NotFound", $"The security group '{call.Form["GroupId"] ?? call.Form["GroupName"]}' does not exist");
    }

    private static XElement Show(QueryCall call, SecurityGroup group) => new("item",
        new XElement("ownerId", call.World.Account), new XElement("groupId", group.Id), new XElement("groupName", group.Name),
        new XElement("groupDescription", group.Description), new XElement("vpcId", group.VpcId),
        new XElement("ipPermissions", Permissions(call, group.Rules)),
        new XElement("ipPermissionsEgress", Permissions(call, group.Egress)),
        Wire.Tags("tagSet", "item", "key", "value", group.Tags));

    private static IEnumerable<XElement> Permissions(QueryCall call, IEnumerable<SecurityRule> rules) =>
        rules.GroupBy(static r => (r.Protocol, r.FromPort, r.ToPort)).Select(set => new XElement("item",
            new XElement("ipProtocol", set.Key.Protocol),
            set.Key.Protocol == "-1" ? null : new XElement("fromPort", set.Key.FromPort),
            set.Key.Protocol == "-1" ? null : new XElement("toPort", set.Key.ToPort),
            new XElement("groups", set.Where(static r => r.GroupId is not null).Select(r => new XElement("item",
                new XElement("userId", call.World.Account), new XElement("groupId", r.GroupId), Wire.Optional("description", r.Description)))),
            new XElement("ipRanges", set.Where(static r => r.Cidr is not null).Select(static r => new XElement("item",
                new XElement("cidrIp", r.Cidr), Wire.Optional("description", r.Description)))),
            new XElement("ipv6Ranges", set.Where(static r => r.CidrV6 is not null).Select(static r => new XElement("item",
                new XElement("cidrIpv6", r.CidrV6), Wire.Optional("description", r.Description)))),
            new XElement("prefixListIds", set.Where(static r => r.PrefixListId is not null).Select(static r => new XElement("item",
                new XElement("prefixListId", r.PrefixListId), Wire.Optional("description", r.Description))))));

    private static XElement ShowRule(QueryCall call, SecurityGroup group, SecurityRule rule) => new("item",
        new XElement("securityGroupRuleId", rule.Id), new XElement("groupId", group.Id), new XElement("groupOwnerId", call.World.Account),
        Wire.Flag("isEgress", group.Egress.Contains(rule)), new XElement(
            "ipProtocol", rule.Protocol), new XElement("fromPort", rule.FromPort), new XElement("toPort", rule.ToPort),
        Wire.Optional("cidrIpv4", rule.Cidr), Wire.Optional("cidrIpv6", rule.CidrV6), Wire.Optional("prefixListId", rule.PrefixListId),
        Wire.Optional("description", rule.Description));

    [GeneratedRegex("^pl-[0-9a-f]{8,17}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PrefixListId();
}
