namespace Sparkify.Web.Shared;

/// <summary>The tabs of a warehouse, as they stand in the address.</summary>
public enum WarehouseTab
{
    /// <summary>Where it stands, at a glance.</summary>
    Overview,

    /// <summary>What is in it.</summary>
    Tables,

    /// <summary>How its tables belong together.</summary>
    Schema,

    /// <summary>The files it is loaded from.</summary>
    Source,

    /// <summary>What was done to it.</summary>
    Runs,

    /// <summary>What a load could not read.</summary>
    Rejects,

    /// <summary>What was tested.</summary>
    Checks,

    /// <summary>How other programs reach it.</summary>
    Connect,

    /// <summary>What exists because of it, and how to take it down.</summary>
    Resources,
}

/// <summary>Addresses of tabs.</summary>
public static class WarehouseTabs
{
    /// <summary>The tab an address names; none for a word that is no tab.</summary>
    public static WarehouseTab? From(string? word) => string.IsNullOrEmpty(word) ? WarehouseTab.Overview : Url.Enum<WarehouseTab>(word);

    /// <summary>Where a tab is.</summary>
    public static string Href(string warehouse, WarehouseTab tab) =>
        tab == WarehouseTab.Overview ? $"/warehouses/{warehouse}" : $"/warehouses/{warehouse}/{Format.Slug(tab)}";
}
