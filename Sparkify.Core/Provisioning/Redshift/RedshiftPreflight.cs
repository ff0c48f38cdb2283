using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Finds out before anything is created whether it can be; every failure says what to do.</summary>
internal static class RedshiftPreflight
{
    public static async Task CheckAsync(ProvisioningContext context, Action<string> log, CancellationToken ct)
    {
        var regions = await LookedUpAsync("The regions of the account", () => context.Aws.Ec2.ListRegionsAsync(ct), log) ?? [];
        if (regions.Count > 0 && !regions.Contains(context.Aws.Region))
        {
            throw SparkifyException.Invalid(
                $"The account has no region {context.Aws.Region}. It has: {string.Join(", ", regions.Order(StringComparer.Ordinal))}.");
        }

        var vpc = await context.VpcAsync(ct);
        await CheckSubnetsAsync(context, vpc, log, ct);
        log($"Region {context.Aws.Region}, network {vpc.Id}.");
        await CheckWayInAsync(context, vpc, ct);
        await CheckNodeTypeAsync(context, log, ct);
        await CountAsync(context, log, ct);
        await CheckSourceAsync(context, log, ct);
        log(context.Price is { } price ? $"It will cost {price}." : $"The price of {context.Settings.NodeType} is not known here. Look it up before you go on.");
    }

    public static async Task CheckAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        await CheckAsync(context, step.Log, ct);
        step.Progress.Message = $"{context.Aws.Region}, {context.Settings.NodeType}: can be created";
    }

    private static async Task CheckSubnetsAsync(ProvisioningContext context, VpcInfo vpc, Action<string> log, CancellationToken ct)
    {
        if (await LookedUpAsync($"The subnets of {vpc.Id}", () => context.Aws.Ec2.ListSubnetsAsync(vpc.Id, ct), log) is not { } subnets)
        {
            return;
        }

        if (subnets.Count == 0)
        {
            throw SparkifyException.Invalid(
                $"The network {vpc.Id} has no subnets, so a cluster cannot stand in it. Choose another network, or add a subnet.");
        }

        if (context.Settings.Subnets.Except(subnets.Select(static s => s.Id), StringComparer.Ordinal).ToList() is { Count: > 0 } foreign)
        {
            throw SparkifyException.Invalid($"The network {vpc.Id} has no subnet {string.Join(", ", foreign)}. It has: {string.Join(", ", subnets.Select(static s => s.Id))}.");
        }
    }

    private static async Task CheckWayInAsync(ProvisioningContext context, VpcInfo vpc, CancellationToken ct)
    {
        try
        {
            if (context.Settings.Reach == ClusterReach.CallerOnly && !await context.Aws.Ec2.HasInternetGatewayAsync(vpc.Id, ct))
            {
                throw SparkifyException.Invalid($"The network {vpc.Id} has no internet gateway, so a cluster in it cannot be reached from outside. "
                    + "Choose another network, or a cluster without a public address if Sparkify runs inside that network.");
            }
        }
        catch (AwsException e) when (e.IsNotToBeHad)
        {
            // Not needed to create anything: the login says later whether there is a way in.
        }
    }

    /// <summary>
    /// Quotas cannot be read with the permissions asked for; what counts against them can, and AWS refuses what goes over.
    /// </summary>
    private static async Task CountAsync(ProvisioningContext context, Action<string> log, CancellationToken ct)
    {
        // Who may not look at clusters cannot wait for one: told before anything is made.
        var clusters = await context.Aws.Redshift.ListClustersAsync(tag: null, value: null, ct);
        log($"The account has {clusters.Count} clusters with {clusters.Sum(static c => c.Nodes ?? 0)} nodes here; a quota that is used up is told when the cluster is created.");
    }

    private static async Task CheckNodeTypeAsync(ProvisioningContext context, Action<string> log, CancellationToken ct)
    {
        if (await LookedUpAsync("What can be ordered", () => context.Aws.Redshift.ListOrderableAsync(ct), log) is not { } orderable)
        {
            return;
        }

        var (type, nodes) = (context.Settings.NodeType, context.Settings.Nodes);
        var option = orderable.FirstOrDefault(o => o.NodeType == type) ?? throw SparkifyException.Invalid(
            $"The node type {type} cannot be ordered in {context.Aws.Region}. There are: {string.Join(", ", orderable.Select(static o => o.NodeType))}.");
        if (nodes == 1 ? !option.SingleNode : !option.MultiNode)
        {
            throw SparkifyException.Invalid(nodes == 1
                ? $"A single node of {type} cannot be ordered in {context.Aws.Region}: take at least 2 nodes, or one of {string.Join(", ", orderable.Where(static o => o.SingleNode).Select(static o => o.NodeType))}."
                : $"{type} can only be ordered as a single node in {context.Aws.Region}.");
        }
    }

    /// <summary>What can be looked up; none when that is denied or not known here: AWS will say when it is created.</summary>
    private static async Task<IReadOnlyList<T>?> LookedUpAsync<T>(string what, Func<Task<IReadOnlyList<T>>> look, Action<string> log)
    {
        try
        {
            return await look();
        }
        catch (AwsException e) when (e.IsNotToBeHad || e.Fault == AwsFault.Transient)
        {
            log($"{what} could not be looked up ({e.Code ?? "no answer"}); AWS will say when the cluster is created.");
            return null;
        }
    }

    private static async Task CheckSourceAsync(ProvisioningContext context, Action<string> log, CancellationToken ct)
    {
        foreach (var bucket in context.Source.Buckets)
        {
            var region = await context.Aws.S3.FindBucketRegionAsync(bucket, ct)
                ?? throw SparkifyException.Invalid($"There is no bucket {bucket}. Check the source's location.");
            log(region == context.Aws.Region
                ? $"The bucket {bucket} is readable and in the same region."
                : $"The bucket {bucket} is in {region}: COPY will be told so, and AWS charges for what crosses regions.");
        }
    }
}
