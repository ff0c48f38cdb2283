namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What one node is.</summary>
/// <param name="Cpus">Its virtual processors.</param>
/// <param name="Memory">Its memory in GiB.</param>
public sealed record NodeSize(int Cpus, int Memory);

/// <summary>
/// How large nodes are, as "Node type details" of the Amazon Redshift Management Guide says it
/// (docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html). No interface of AWS tells it.
/// </summary>
public static class RedshiftNodes
{
    private static readonly Dictionary<string, NodeSize> Sizes = new(StringComparer.Ordinal)
    {
        ["ra3.large"] = new(2, 16),
        ["ra3.xlplus"] = new(4, 32),
        ["ra3.4xlarge"] = new(12, 96),
        ["ra3.16xlarge"] = new(48, 384),
        ["rg.large"] = new(2, 16),
        ["rg.xlarge"] = new(4, 32),
        ["rg.4xlarge"] = new(16, 128),
        ["rg.12xlarge"] = new(48, 384),
    };

    /// <summary>The size of a node type, or none when it is not in the table.</summary>
    public static NodeSize? Of(string nodeType) => Sizes.GetValueOrDefault(nodeType);
}
