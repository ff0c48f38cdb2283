using Dapper;
using Npgsql;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>The columns of the tables of a schema.</summary>
internal static class TableColumns
{
    /// <summary>All of them, by table and in their order; asked as every target takes it.</summary>
    public static async Task<IReadOnlyList<(string Table, string Column)>> OfAsync(
        NpgsqlConnection db, string schema, CancellationToken ct) =>
        (await db.QueryAsync<(string, string)>(new CommandDefinition(
            """
            select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where  n.nspname = @schema and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
            order  by c.relname, a.attnum
            """, new { schema }, cancellationToken: ct))).AsList();

    /// <summary>Whether a schema has all of some.</summary>
    public static async Task<bool> HasAsync(
        NpgsqlConnection db, string schema, IEnumerable<(string Table, string Column)> columns, CancellationToken ct)
    {
        var there = (await OfAsync(db, schema, ct)).ToHashSet();
        return columns.All(there.Contains);
    }
}
