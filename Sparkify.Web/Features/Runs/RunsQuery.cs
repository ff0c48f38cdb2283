using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>The filters of the history, as they stand in the address.</summary>
public sealed record RunsQuery(string? Warehouse, RunKind? Kind, RunState? State, int Page)
{
    /// <summary>How many runs a page has.</summary>
    public const int Size = 25;

    /// <summary>Whether anything narrows the list.</summary>
    public bool Narrowed => Warehouse is not null || Kind is not null || State is not null;

    /// <summary>Reads them from an address; what makes no sense there means no filter.</summary>
    public static RunsQuery From(string? warehouse, string? kind, string? state, int? page) =>
        new(string.IsNullOrWhiteSpace(warehouse) ? null : warehouse, Url.Enum<RunKind>(kind), Url.Enum<RunState>(state), Math.Max(
            page ?? 1, 1));

    /// <summary>The address that shows this.</summary>
    public string ToUrl() => Url.With("/runs",
        ("warehouse", Warehouse), ("kind", Kind is { } k ? Format.Slug(k) : null), ("state", State is { } s ? Format.Slug(s) : null),
        ("page", Page > 1 ? Page.ToString() : null));

    /// <summary>The question for the store.</summary>
    public RunFilter ToFilter() => new(Warehouse, Kind, State, Page, Size);
}
