using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>Which resources a warehouse needs, in the order they are made.</summary>
internal static class RedshiftResources
{
    /// <summary>Everything its settings ask for.</summary>
    public static IEnumerable<RedshiftResource> Needed(ProvisioningContext context) =>
        [.. Role(context), .. Network(context), new ClusterResource(context.Names)];

    /// <summary>The role; with <paramref name="everything"/> also what earlier settings may have needed.</summary>
    public static IEnumerable<RedshiftResource> Role(ProvisioningContext context, bool everything = false)
    {
        yield return new RoleResource(context.Names);
        if (!context.Source.IsEmpty || everything)
        {
            yield return new RolePolicyResource(context.Names);
        }
    }

    /// <summary>The network; with <paramref name="everything"/> also what earlier settings may have needed.</summary>
    public static IEnumerable<RedshiftResource> Network(ProvisioningContext context, bool everything = false)
    {
        yield return new SecurityGroupResource(context.Names);
        if (context.Settings.Reach == ClusterReach.CallerOnly || everything)
        {
            yield return new IngressResource(context.Names);
        }

        if (context.Settings.Subnets.Count > 0 || everything)
        {
            yield return new SubnetGroupResource(context.Names);
        }
    }
}
