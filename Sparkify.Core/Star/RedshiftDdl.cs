namespace Sparkify.Core.Star;

/// <summary>
/// The tables on Redshift; the same in the build schema and in the one readers see, because publishing copies rows. Encodings are left to
/// Redshift: naming one column's would switch its automatic choice off for the whole table.
/// </summary>
internal static class RedshiftDdl
{
    /// <summary>A column's type; widths are bytes of UTF-8, and what is longer is a reject.</summary>
    public static string Type(StarColumn column) =>
        column.Type == ColumnType.Text ? $"varchar({column.MaxBytes})" : PostgresDdl.Type(column);

    /// <summary>Makes what is missing of the tables in a schema; a statement each.</summary>
    public static IEnumerable<string> Tables(string schema) => StarSchema.Tables.Select(table =>
        $"""
        create table if not exists {schema}.{table.Name} (
            {string.Join(",\n    ", table.Columns.Select(static c => $"{c.Name} {Type(c)}{(c.IsKey ? " not null" : "")}"))})
        {Layout(table)}
        """);

    /// <summary>
    /// Keys and references, a statement each. Declared for the planner and for readers' tools: Redshift enforces none of them. The rows are
    /// made unique before they come here and the checks count what would offend, because a wrong key misleads the planner.
    /// </summary>
    public static IEnumerable<string> Constraints(string schema) =>
    [
        .. StarSchema.Star.Select(
            table => $"alter table {schema}.{table.Name} add constraint {table.Name}_pkey primary key ({table.Key.Name})"),
        .. from table in StarSchema.Star
           from column in table.References
           select $"alter table {schema}.{table.Name} add constraint {table.Name}_{column.Name}_fkey foreign key ({column.Name}) " +
               $"references {schema}.{column.References} ({StarSchema.Table(column.References!).Key.Name})",
    ];

    private static string Layout(StarTable table)
    {
        var rows = table.Distribution switch
        {
            Distribution.Even => "diststyle even",
            Distribution.Everywhere => "diststyle all",
            _ => $"distkey ({table.SortKey})",
        };
        return table.SortKey is null ? rows : $"{rows} sortkey ({table.SortKey})";
    }
}
