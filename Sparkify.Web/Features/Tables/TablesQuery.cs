using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Tables;

/// <summary>What of a table is shown.</summary>
public enum TableView
{
    /// <summary>Its columns.</summary>
    Columns,

    /// <summary>Some of its rows.</summary>
    Rows,

    /// <summary>What the values of its columns are like.</summary>
    Profile,
}

/// <summary>Which table is shown and how, as it stands in the address.</summary>
/// <param name="Table">The table; none for the fact table.</param>
/// <param name="View">What of it.</param>
public sealed record TablesQuery(string? Table, TableView View)
{
    /// <summary>Reads it from an address; what makes no sense there means the beginning.</summary>
    public static TablesQuery From(string? table, string? view) =>
        new(string.IsNullOrEmpty(table) ? null : table, Url.Enum<TableView>(view) ?? TableView.Columns);

    /// <summary>The address that shows this.</summary>
    public string ToUrl(string warehouse) => Url.With(WarehouseTabs.Href(warehouse, WarehouseTab.Tables),
        ("table", Table), ("view", View == TableView.Columns ? null : Format.Slug(View)));
}
