using Sparkify.Core.Pipeline;
using Sparkify.Core.Sources;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Rejects;

/// <summary>Which rejects are shown, as it stands in the address.</summary>
/// <param name="Run">The load; none for the latest.</param>
/// <param name="Part">Events or songs; none for both.</param>
/// <param name="Page">The page of records, from 1.</param>
/// <param name="Reason">The reason whose records are shown; none for the most frequent one.</param>
/// <param name="Order">In which order records are listed.</param>
public sealed record RejectsQuery(long? Run, SourcePart? Part, int Page, string? Reason = null, RejectOrder Order = RejectOrder.Place)
{
    /// <summary>How many rejects a page has.</summary>
    public const int Size = 25;

    /// <summary>Reads it from an address; what makes no sense there means any.</summary>
    public static RejectsQuery From(long? run, string? part, int? page, string? reason = null, string? order = null) => new(
        run is > 0 ? run : null, Url.Enum<SourcePart>(part), Math.Max(page ?? 1, 1), string.IsNullOrWhiteSpace(reason) ? null : reason,
        Url.Enum<RejectOrder>(order) ?? RejectOrder.Place);

    /// <summary>The address that shows this.</summary>
    public string ToUrl(string warehouse) => Url.With($"/warehouses/{warehouse}/rejects",
        ("run", Run?.ToString()), ("part", PartWord), ("reason", Reason), ("page", Page > 1 ? Page.ToString() : null),
        ("order", Order == RejectOrder.Place ? null : Format.Slug(Order)));

    /// <summary>Where all rejects of the load and part can be taken away.</summary>
    public string ToDownload(string warehouse) =>
        Url.With($"/api/v1/warehouses/{warehouse}/rejects/download", ("run", Run?.ToString()), ("part", PartWord));

    /// <summary>The question for the store.</summary>
    public RejectFilter ToFilter(string reason) => new(Run, Part, Page, Size, reason, Order);

    private string? PartWord => Part is { } part ? Format.Slug(part) : null;
}
