namespace Sparkify.Core.Star;

/// <summary>The tables on PostgreSQL. Those of the star are made by the statements that fill them.</summary>
internal static class PostgresDdl
{
    private const int MostSampled = 64;

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

    /// <summary>The columns of a table of the star with their types.</summary>
    public static string Columns(StarTable table) => Columns(table.Columns);

    /// <summary>The columns of a staging table with their types, and where each row came from.</summary>
    public static string StagingColumns(StarTable table) => Columns(table.Columns.Concat(StarSchema.Origin));

    /// <summary>
    /// The parameters of a table that is filled once and never changes: there is nothing to vacuum, its load analyzes it, and a vacuum at
    /// work would keep the next star from being published for a second.
    /// </summary>
    public const string WrittenOnce = "autovacuum_enabled = false";

    /// <summary>Makes a staging table anew.</summary>
    public static string EmptyStaging(StarTable table, string qualified) =>
        $"drop table if exists {qualified} cascade; create table {qualified} ({StagingColumns(table)}) with ({WrittenOnce})";

    /// <summary>
    /// Gathers a staging table's statistics: not of long texts, whose sampling takes most of the time and which nobody joins or filters by.
    /// </summary>
    public static string Analyze(StarTable table, string qualified) =>
        $"analyze {qualified} ({string.Join(", ", table.Columns.Where(static c => c.MaxBytes <= MostSampled).Select(static c => c.Name))})";

    /// <summary>A query for the bytes of a table with its keys and its parts.</summary>
    public static string Size(string qualified) =>
        $"select pg_total_relation_size('{qualified}') + coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint " +
        $"from pg_inherits where inhparent = '{qualified}'::regclass";

    /// <summary>A query for the bytes of all that is in each of <c>@schemas</c>.</summary>
    public const string Sizes =
        """
        select n.nspname::text, sum(pg_total_relation_size(c.oid))::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where  n.nspname = any(@schemas) and c.relkind = 'r' group by 1
        """;

    /// <summary>
    /// Which table points to which, for readers and their tools. Not validated here: the checks count what would offend, for every target
    /// alike, and name it. May be said twice.
    /// </summary>
    public static string References(string schema) => string.Join(";\n", Pointing.Select(table =>
        $"{DropReferences(schema, table)};\nalter table {schema}.{table.Name} {string.Join(", ", table.References.Select(c =>
            $"add constraint {Name(table, c)} foreign key ({c.Name}) references {schema}.{c.References} not valid"))}"));

    /// <summary>Forgets them.</summary>
    public static string DropReferences(string schema) => string.Join(";\n", Pointing.Select(table => DropReferences(schema, table)));

    private static IEnumerable<StarTable> Pointing => StarSchema.Star.Where(static t => t.References.Any());

    private static string DropReferences(string schema, StarTable table) =>
        $"alter table {schema}.{table.Name} {string.Join(", ", table.References.Select(c => $"drop constraint if exists {Name(table, c)}"))}";

    public static string Columns(IEnumerable<StarColumn> columns) => string.Join(", ", columns.Select(static c => $"{c.Name} {Type(c)}"));

    private static string Name(StarTable table, StarColumn column) => $"{table.Name}_{column.Name}_fkey";
}
