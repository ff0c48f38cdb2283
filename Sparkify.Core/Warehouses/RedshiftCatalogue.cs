namespace Sparkify.Core.Warehouses;

/// <summary>The same tables as they are on Redshift. The load's <c>tables.sql</c> makes them and says why; a test holds the two together.</summary>
internal static class RedshiftCatalogue
{
    private const string Everywhere = "a copy on each node", Even = "spread evenly", ByMoment = "by start_time";

    private static readonly Dictionary<string, (string Distribution, string? SortKey)> Layout = new(StringComparer.Ordinal)
    {
        ["songplays"] = (ByMoment, "start_time"),
        ["users"] = (Everywhere, "user_id"),
        ["songs"] = (Everywhere, "song_id"),
        ["artists"] = (Everywhere, "artist_id"),
        ["time"] = (ByMoment, "start_time"),
        ["staging_events"] = (Even, null),
        ["staging_songs"] = (Even, null),
    };

    /// <summary>How many bytes each text takes; those of one name differ in one table only.</summary>
    private static readonly Dictionary<string, int> Widths = new(StringComparer.Ordinal)
    {
        ["artist"] = 1024,
        ["artist_id"] = 64,
        ["artist_location"] = 1024,
        ["artist_name"] = 1024,
        ["artists.location"] = 1024,
        ["auth"] = 64,
        ["first_name"] = 256,
        ["gender"] = 16,
        ["last_name"] = 256,
        ["level"] = 32,
        ["location"] = 512,
        ["method"] = 16,
        ["name"] = 1024,
        ["page"] = 64,
        ["song"] = 1024,
        ["song_id"] = 64,
        ["song_title"] = 1024,
        ["title"] = 1024,
        ["user_agent"] = 1024,
        ["user_id"] = 64,
    };

    /// <summary>All tables. A row's file and line are not among the columns: COPY does not tell them.</summary>
    public static IReadOnlyList<TableInfo> Tables { get; } = [.. StarCatalogue.Tables.Select(static table => table with
    {
        Distribution = Layout[table.Table].Distribution,
        SortKey = Layout[table.Table].SortKey,
        Columns = [.. table.Columns.Where(static c => c.Name is not ("file_id" or "line")).Select(c => c.Type == "text" ? c with { Type = $"varchar({Width(table.Table, c.Name)})" } : c)],
    })];

    /// <summary>The tables as they are on a target.</summary>
    public static IReadOnlyList<TableInfo> TablesOn(WarehouseTarget target) => target == WarehouseTarget.Redshift ? Tables : StarCatalogue.Tables;

    private static int Width(string table, string column) => Widths.TryGetValue($"{table}.{column}", out var width) ? width : Widths[column];
}
