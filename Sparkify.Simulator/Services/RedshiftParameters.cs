using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: cluster parameter groups.</summary>
internal static class RedshiftParameters
{
    private const int MostInOneCall = 20;

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["CreateClusterParameterGroup"] = Create,
        ["DescribeClusterParameterGroups"] = Describe,
        ["DeleteClusterParameterGroup"] = Delete,
        ["DescribeClusterParameters"] = DescribeParameters,
        ["DescribeDefaultClusterParameters"] = DescribeDefaults,
        ["ModifyClusterParameterGroup"] = Modify,
        ["ResetClusterParameterGroup"] = Reset,
    };

    /// <summary>The group of a name, or the default one.</summary>
    public static ParameterGroup Find(QueryCall call, string? name)
    {
        var folded = RedshiftRules.Fold(name ?? ParameterGroups.Default);
        return folded == ParameterGroups.Default ? ParameterGroups.DefaultGroup
            : call.Region.ParameterGroups.GetValueOrDefault(folded)
                ?? throw new AwsErrorException("ClusterParameterGroupNotFound", $"ParameterGroup not found: {folded}", 404);
    }

    private static XElement[] Create(QueryCall call)
    {
        var form = call.Form;
        var name = RedshiftRules.Identifier(form.Require("ParameterGroupName"), "ParameterGroupName", 255);
        var family = Family(form);
        var group = new ParameterGroup(name, family, form.Require("Description"), form.Tags("Tags.Tag"));
        return call.Region.ParameterGroups.TryAdd(name, group) ? [Show(group)]
            : throw new AwsErrorException("ClusterParameterGroupAlreadyExists", $"Parameter group {name} already exists");
    }

    private static IEnumerable<XElement> Describe(QueryCall call)
    {
        IEnumerable<ParameterGroup> groups = call.Form["ParameterGroupName"] is { } name ? [Find(call, name)]
            : [ParameterGroups.DefaultGroup, .. call.Region.ParameterGroups.Values];
        return RedshiftXml.Paged(call, RedshiftXml.Tagged(call, groups, static g => g.Tags), "ParameterGroups", Show);
    }

    private static IEnumerable<XElement>? Delete(QueryCall call)
    {
        var group = Changeable(call);
        if (call.Region.Clusters.Values.Any(c => c.ParameterGroup == group.Name))
        {
            throw new AwsErrorException(
                "InvalidClusterParameterGroupState", $"One or more clusters are still members of the parameter group {group.Name}.");
        }

        call.Region.ParameterGroups.Remove(group.Name);
        return null;
    }

    private static IEnumerable<XElement> DescribeParameters(QueryCall call)
    {
        var group = Find(call, call.Form.Require("ParameterGroupName"));
        var source = call.Form["Source"];
        if (source is not (null or "user" or "engine-default"))
        {
            throw AwsErrorException.Value($"Invalid parameter source: {source}. Valid values are user and engine-default.");
        }

        var all = ParameterGroups.All.Where(p => source is null || (source == "user") == group.Values.ContainsKey(p.Name));
        return RedshiftXml.Paged(call, all, "Parameters", p => Show(p, group.Values.GetValueOrDefault(p.Name)));
    }

    private static IEnumerable<XElement> DescribeDefaults(QueryCall call)
    {
        var family = Family(call.Form);
        return [new("DefaultClusterParameters", RedshiftXml.Paged(call, ParameterGroups.All, "Parameters", static p => Show(p, null))
            .Prepend(new XElement("ParameterGroupFamily", family)))];
    }

    private static XElement[] Modify(QueryCall call)
    {
        var group = Changeable(call);
        var wanted = call.Form.Items("Parameters.Parameter");
        if (wanted.Count is 0 or > MostInOneCall)
        {
            throw wanted.Count == 0 ? AwsErrorException.Missing("Parameters")
                : AwsErrorException.Value($"A maximum of {MostInOneCall} parameters can be modified in a single request.");
        }

        List<(string Name, string Value)> values = [.. wanted.Select(static item => (Known(item), item["ParameterValue"] ?? ""))];
        foreach (var (name, value) in values)
        {
            var parameter = ParameterGroups.All.First(p => p.Name == name);
            if (!parameter.Takes(value))
            {
                throw AwsErrorException.Value($"Invalid parameter value: {value} for {name}: it is of the type {parameter.Type}"
                    + (parameter.Allowed is { } allowed ? $", allowed values {allowed}." : "."));
            }
        }

        values.ForEach(v => group.Values[v.Name] = v.Value);
        return Changed(call, group);
    }

    private static XElement[] Reset(QueryCall call)
    {
        var group = Changeable(call);
        var names = call.Form.Items("Parameters.Parameter").Select(static item => Known(item)).ToList();
        if (call.Form.Flag("ResetAllParameters") ?? names.Count == 0)
        {
            group.Values.Clear();
        }
        else
        {
            names.ForEach(name => group.Values.Remove(name));
        }

        return Changed(call, group);
    }

    private static XElement[] Changed(QueryCall call, ParameterGroup group)
    {
        foreach (var cluster in call.Region.Clusters.Values.Where(c => c.ParameterGroup == group.Name))
        {
            cluster.ParametersPending = true;
        }

        const string Status = "If you changed only dynamic parameters, associated clusters are being modified now. If you changed static parameters, "
            + "all updates, including dynamic parameters, will be applied when you reboot the associated clusters.";
        call.Region.Events.Add(new RedshiftEvent(group.Name, "cluster-parameter-group", "REDSHIFT-EVENT-1000", "configuration",
            $"The parameter group {group.Name} was updated at {RedshiftEvent.Time(call.Now)}. {Status}", call.Now));
        return [new("ParameterGroupName", group.Name), new("ParameterGroupStatus", $"Your parameter group has been updated. {Status}")];
    }

    private static ParameterGroup Changeable(QueryCall call)
    {
        var group = Find(call, call.Form.Require("ParameterGroupName"));
        return group.Name != ParameterGroups.Default ? group
            : throw AwsErrorException.Value($"The default parameter group {group.Name} cannot be modified or deleted.");
    }

    private static string Known(QueryForm item)
    {
        var name = item.Require("ParameterName");
        return ParameterGroups.All.Any(p => p.Name == name) ? name
            : throw AwsErrorException.Value($"Could not find parameter with name: {name}");
    }

    private static string Family(QueryForm form)
    {
        var family = form.Require("ParameterGroupFamily");
        return ParameterGroups.Families.Contains(family) ? family
            : throw AwsErrorException.Value($"ParameterGroupFamily {family} is not a valid parameter group family");
    }

    private static XElement Show(ParameterGroup group) => new("ClusterParameterGroup",
        new XElement("ParameterGroupName", group.Name),
        new XElement("ParameterGroupFamily", group.Family),
        new XElement("Description", group.Description),
        Wire.Tags("Tags", "Tag", "Key", "Value", group.Tags));

    private static XElement Show(Parameter parameter, string? value) => new("Parameter",
        new XElement("ParameterName", parameter.Name),
        new XElement("ParameterValue", value ?? parameter.Value),
        new XElement("Description", parameter.Description),
        new XElement("Source", value is null ? "engine-default" : "user"),
        new XElement("DataType", parameter.Type),
        Wire.Optional("AllowedValues", parameter.Allowed),
        new XElement("ApplyType", "static"),
        Wire.Flag("IsModifiable", true));
}
