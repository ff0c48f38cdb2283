namespace Sparkify.Core.Star;

/// <summary>The tables on PostgreSQL. Those of the star are made by the statements that fill them.</summary>
internal static class PostgresDdl
{
    /// <summary>A column's type.</summary>
    public static string Type(StarColumn column) => column.Type switch
    {
        // Text is measured in bytes before it is sent, as Redshift does; PostgreSQL's own varchar(n) would count characters.
        ColumnType.Text => "text",
        ColumnType.Integer => "integer",
        ColumnType.BigInt => "bigint",
        ColumnType.Double => "double precision",
        ColumnType.Timestamp => "timestamp",
        _ => throw new System.Diagnostics.UnreachableException($"No SQL type for {column.Type}."),
    };

    /// <summary>The columns of a staging table with their types, and where each row came from.</summary>
    public static string StagingColumns(StarTable table) =>
        string.Join(", ", table.Columns.Concat(StarSchema.Origin).Select(static c => $"{c.Name} {Type(c)}"));

    /// <summary>
    /// Which table points to which, for readers and their tools. Not validated here: the checks count what would offend, for every target
    /// alike, and name it. May be said twice.
    /// </summary>
    public static string References(string schema) =>
        string.Join(";\n", StarSchema.Star.Where(static t => t.References.Any()).SelectMany(table => new[]
    {
        $"alter table {schema}.{table.Name} {string.Join(", ", table.References.Select(c => $"drop constraint if exists {Name(table, c)}"))}",
        $"alter table {schema}.{table.Name} {string.Join(", ", table.References.Select(c =>
            $"add constraint {Name(table, c)} foreign key ({c.Name}) references {schema}.{c.References} not valid"))}",
    }));

    private static string Name(StarTable table, StarColumn column) => $"{table.Name}_{column.Name}_fkey";
}
