using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>One thing a warehouse on Redshift owns; its mark are its tags.</summary>
internal abstract class RedshiftResource(string kind, string name) : Resource<ProvisioningContext>(kind, name)
{
    private const string Tags = "its tags";

    /// <summary>Where people look at it in the AWS console; none for what has no page.</summary>
    public virtual string? ConsolePath(ProvisioningContext context, ObservedState observed) => null;

    /// <summary>Takes it as it is: its settings where they differ. None when there is nothing to take.</summary>
    public virtual Task<RedshiftSettings?> AsItIsAsync(ProvisioningContext context, CancellationToken ct) =>
        Task.FromResult<RedshiftSettings?>(null);

    /// <summary>Sets its tags right, after which it is ours.</summary>
    public virtual Task TagAsync(ProvisioningContext context, CancellationToken ct)
        => throw SparkifyException.Invalid($"A {Kind} carries no tags.");

    /// <summary>What is drift, with tags that are not as the settings ask for.</summary>
    protected static string? Drift(string? other, ProvisioningContext context, IReadOnlyDictionary<string, string> tags) =>
        !context.Owns(tags) || !context.TagsDiffer(tags) ? other : other is null ? Tags : $"{other}, {Tags}";

    protected override bool SaysGone(Exception failure) => failure is AwsException { Fault: AwsFault.Missing };

    protected override bool MayHaveCreated(Exception failure) =>
        failure is AwsException { Fault: AwsFault.Conflict or AwsFault.Unreachable or AwsFault.Transient };
}
