using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Provisioning.Redshift.Export;

/// <summary>In which language a warehouse's plan leaves.</summary>
public enum ExportFormat
{
    /// <summary>A CloudFormation template, JSON.</summary>
    CloudFormation,

    /// <summary>A Terraform configuration for the provider <c>hashicorp/aws</c>, with blocks that import what is there.</summary>
    Terraform,
}

/// <summary>A plan in another tool's language.</summary>
/// <param name="FileName">The name to save it under.</param>
/// <param name="Text">The file.</param>
public sealed record WarehouseExport(string FileName, string Text);

/// <summary>Hands the plan of a warehouse on Redshift to other tools, so that a team can carry on in its own.</summary>
[Guarded]
public interface IWarehouseExports
{
    /// <summary>
    /// Every name and setting as applied, or as it would be. Throws a sentence for a local warehouse and when AWS cannot be asked.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<WarehouseExport> ExportAsync(string warehouse, ExportFormat format, CancellationToken ct);
}
