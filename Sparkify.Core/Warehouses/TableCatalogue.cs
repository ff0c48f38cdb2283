using Sparkify.Core.Star;

namespace Sparkify.Core.Warehouses;

/// <summary>The tables of every warehouse as they are on its target, for showing.</summary>
internal static class TableCatalogue
{
    private static readonly IReadOnlyList<TableInfo> Local = [.. StarSchema.Tables.Select(static t => Describe(
        t, t.Role == TableRole.Staging ? [.. t.Columns, .. StarSchema.Origin] : t.Columns, PostgresDdl.Type))];

    private static readonly IReadOnlyList<TableInfo> Redshift = [.. StarSchema.Tables.Select(static t => Describe(
        t, t.Columns, RedshiftDdl.Type) with
    {
        Distribution = t.Distribution switch
        {
            Star.Distribution.Even => "spread evenly",
            Star.Distribution.Everywhere => "a copy on each node",
            _ => $"by {t.SortKey}",
        },
        SortKey = t.SortKey,
    })];

    /// <summary>All tables, in reading order, without counts.</summary>
    public static IReadOnlyList<TableInfo> On(WarehouseTarget target) => target == WarehouseTarget.Redshift ? Redshift : Local;

    private static TableInfo Describe(StarTable table, IReadOnlyList<StarColumn> columns, Func<StarColumn, string> type) => new(
        table.Name, table.Role, table.Label, table.Meaning, Rows: null, Bytes: null,
        [.. columns.Select(c => new TableColumn(c.Name, type(c), c.Meaning, c.IsKey, c.References))]);
}
