using System.Diagnostics;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Wizard;

/// <summary>The steps of making a warehouse.</summary>
public enum WizardStep
{
    /// <summary>Where it will live.</summary>
    Target,

    /// <summary>Where its raw data is.</summary>
    Source,

    /// <summary>What its cluster will be like; for warehouses on Redshift.</summary>
    Cluster,

    /// <summary>Its name, and what will be created.</summary>
    Plan,
}

/// <summary>Which steps there are, where each is and what it was answered with.</summary>
public static class WizardSteps
{
    /// <summary>The steps a draft has to go through.</summary>
    public static IReadOnlyList<WizardStep> Of(WarehouseDraft draft) =>
        [.. Enum.GetValues<WizardStep>().Where(s => s != WizardStep.Cluster || draft.OnRedshift)];

    /// <summary>The address of a step.</summary>
    public static string Href(WizardStep step) => $"/warehouses/new?step={Format.Slug(step)}";

    /// <summary>What a step is called.</summary>
    public static string Title(WizardStep step) => step switch
    {
        WizardStep.Target => "Target",
        WizardStep.Source => "Source",
        WizardStep.Cluster => "Cluster",
        WizardStep.Plan => "Name and plan",
        _ => throw new UnreachableException($"No title for {step}."),
    };

    /// <summary>What a step was answered with, in a few words.</summary>
    public static string Answer(WizardStep step, WarehouseDraft draft, SourceReport? report) => step switch
    {
        WizardStep.Target when draft.OnRedshift =>
            $"{(draft.OnExisting ? "existing" : "new")} Redshift cluster{(draft.Simulated ? ", simulated" : null)}",
        WizardStep.Target => Format.Target(draft.Target),
        WizardStep.Source when draft.Sample => "generated sample",
        WizardStep.Source when report is { Events.Bytes: { } events, Songs.Bytes: { } songs } =>
            $"2 locations, {Format.Bytes(events + songs)}{(report.Events.More || report.Songs.More ? " or more" : null)}",
        WizardStep.Source => "2 locations",
        WizardStep.Cluster => draft.Redshift.Existing is { } there ? there.Host : Size(draft.Redshift),
        WizardStep.Plan => draft.Name,
        _ => throw new UnreachableException($"No answer for {step}."),
    };

    /// <summary>2 × ra3.large.</summary>
    public static string Size(RedshiftSettings settings) => $"{Format.Count(settings.Nodes)} × {settings.NodeType}";
}
