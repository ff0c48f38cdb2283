using Sparkify.Core.Sources;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Sources;

/// <summary>How records are looked at.</summary>
public enum SourceView
{
    /// <summary>As a table.</summary>
    Table,

    /// <summary>As JSON.</summary>
    Json,

    /// <summary>By what their fields are like.</summary>
    Profile,
}

/// <summary>What of a source is shown, as it stands in the address.</summary>
/// <param name="Part">Events or songs.</param>
/// <param name="File">The open file; none for the list, or for the profile of all files.</param>
/// <param name="View">How it is looked at.</param>
/// <param name="Find">What files' names must hold.</param>
/// <param name="Page">The page of files or records.</param>
/// <param name="All">Whether every record is profiled, not only the first.</param>
public sealed record SourceQuery(SourcePart Part, string? File, SourceView View, string? Find, int Page, bool All)
{
    /// <summary>How many files a page has.</summary>
    public const int Files = 25;

    /// <summary>How many records a page has.</summary>
    public const int Records = 25;

    /// <summary>How many records are profiled at first.</summary>
    public const int First = 1000;

    /// <summary>Reads it from an address; what makes no sense there means the beginning.</summary>
    public static SourceQuery From(string? part, string? file, string? view, string? find, int? page, string? all) => new(
        Url.Enum<SourcePart>(part) ?? SourcePart.Events, string.IsNullOrEmpty(file)
            ? null
            : file, Url.Enum<SourceView>(view) ?? SourceView.Table,
        string.IsNullOrWhiteSpace(find) ? null : find.Trim(), Math.Max(page ?? 1, 1), all == "yes");

    /// <summary>The address that shows this.</summary>
    public string ToUrl(string warehouse) => Url.With($"/warehouses/{warehouse}/source",
        ("part", Part == SourcePart.Events ? null : Format.Slug(Part)), ("file", File),
        ("view", View == SourceView.Table ? null : Format.Slug(View)),
        ("find", Find), ("page", Page > 1 ? Page.ToString() : null), ("all", All ? "yes" : null));
}
