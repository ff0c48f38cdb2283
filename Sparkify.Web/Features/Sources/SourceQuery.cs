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

/// <summary>In which order files are listed.</summary>
public enum FileOrder
{
    /// <summary>By name, which is the order they are loaded in.</summary>
    Name,

    /// <summary>By name, the last first.</summary>
    NameDown,

    /// <summary>The smallest first.</summary>
    Size,

    /// <summary>The largest first.</summary>
    SizeDown,

    /// <summary>The oldest first.</summary>
    Written,

    /// <summary>The newest first.</summary>
    WrittenDown,
}

/// <summary>What of a source is shown, as it stands in the address.</summary>
/// <param name="Part">Events or songs.</param>
/// <param name="File">The open file; none for the list, or for the profile of all files.</param>
/// <param name="View">How it is looked at.</param>
/// <param name="Find">What files' names must hold.</param>
/// <param name="Page">The page of files or records.</param>
/// <param name="All">Whether every record is profiled, not only the first.</param>
/// <param name="Order">In which order files are listed.</param>
/// <param name="Folder">The folder whose files are listed, with a slash at its end; none for all of them.</param>
public sealed record SourceQuery(
    SourcePart Part, string? File, SourceView View, string? Find, int Page, bool All, FileOrder Order = FileOrder.Name,
    string? Folder = null)
{
    /// <summary>How many files a page has.</summary>
    public const int Files = 25;

    /// <summary>How many records a page has.</summary>
    public const int Records = 25;

    /// <summary>How many records are profiled at first.</summary>
    public const int First = 1000;

    /// <summary>Reads it from an address; what makes no sense there means the beginning.</summary>
    public static SourceQuery From(
        string? part, string? file, string? view, string? find, int? page, string? all, string? order = null, string? folder = null) =>
        new(
            Url.Enum<SourcePart>(part) ?? SourcePart.Events, string.IsNullOrEmpty(file) ? null : file,
            Url.Enum<SourceView>(view) ?? SourceView.Table, string.IsNullOrWhiteSpace(find) ? null : find.Trim(), Math.Max(page ?? 1, 1),
            all == "yes", Url.Enum<FileOrder>(order) ?? FileOrder.Name, string.IsNullOrEmpty(folder) ? null : folder);

    /// <summary>The address that shows this.</summary>
    public string ToUrl(string warehouse) => Url.With($"/warehouses/{warehouse}/source",
        ("part", Part == SourcePart.Events ? null : Format.Slug(Part)), ("folder", Folder), ("file", File),
        ("view", View == SourceView.Table ? null : Format.Slug(View)),
        ("find", Find), ("page", Page > 1 ? Page.ToString() : null), ("all", All ? "yes" : null),
        ("order", Order == FileOrder.Name ? null : Format.Slug(Order)));

    /// <summary>Where the open file can be taken away as it is.</summary>
    public string ToFileDownload(string warehouse) =>
        Url.With($"/api/v1/warehouses/{warehouse}/source/file", ("part", Format.Slug(Part)), ("file", File));

    /// <summary>Where the first records of all files can be taken away.</summary>
    public string ToFirstDownload(string warehouse) =>
        Url.With($"/api/v1/warehouses/{warehouse}/source/first", ("part", Format.Slug(Part)), ("most", First.ToString()));
}
