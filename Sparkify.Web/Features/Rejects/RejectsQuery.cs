using Sparkify.Core.Pipeline;
using Sparkify.Core.Sources;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Rejects;

/// <summary>Which rejects are shown, as it stands in the address.</summary>
public sealed record RejectsQuery(long? Run, SourcePart? Part, int Page)
{
    /// <summary>How many rejects a page has.</summary>
    public const int Size = 25;

    /// <summary>Reads it from an address; what makes no sense there means any.</summary>
    public static RejectsQuery From(long? run, string? part, int? page) =>
        new(run is > 0 ? run : null, Url.Enum<SourcePart>(part), Math.Max(page ?? 1, 1));

    /// <summary>The address that shows this.</summary>
    public string ToUrl(string warehouse) => Url.With($"/warehouses/{warehouse}/rejects",
        ("run", Run?.ToString()), ("part", PartWord), ("page", Page > 1 ? Page.ToString() : null));

    /// <summary>The same through the API.</summary>
    public string ToApi(string warehouse) =>
        Url.With($"/api/v1/warehouses/{warehouse}/rejects", ("run", Run?.ToString()), ("part", PartWord));

    /// <summary>The question for the store.</summary>
    public RejectFilter ToFilter() => new(Run, Part, Page, Size);

    private string? PartWord => Part is { } part ? Format.Slug(part) : null;
}
