using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>Which resources a warehouse needs, in the order they are made.</summary>
internal static class RedshiftResources
{
    /// <summary>Everything its settings ask for.</summary>
    public static IEnumerable<RedshiftResource> Needed(RedshiftScope scope) => [.. Role(scope), .. Network(scope), new ClusterResource(scope.Names)];

    /// <summary>The role; with <paramref name="everything"/> also what earlier settings may have needed.</summary>
    public static IEnumerable<RedshiftResource> Role(RedshiftScope scope, bool everything = false)
    {
        yield return new RoleResource(scope.Names);
        if (!scope.Source.IsEmpty || everything)
        {
            yield return new RolePolicyResource(scope.Names);
        }
    }

    /// <summary>The network; with <paramref name="everything"/> also what earlier settings may have needed.</summary>
    public static IEnumerable<RedshiftResource> Network(RedshiftScope scope, bool everything = false)
    {
        yield return new SecurityGroupResource(scope.Names);
        if (scope.Settings.Reach == ClusterReach.CallerOnly || everything)
        {
            yield return new IngressResource(scope.Names);
        }

        if (scope.Settings.Subnets.Count > 0 || everything)
        {
            yield return new SubnetGroupResource(scope.Names);
        }
    }
}
