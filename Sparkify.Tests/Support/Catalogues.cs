using Dapper;
using Npgsql;

namespace Sparkify.Tests.Support;

/// <summary>What a role that queries run under sees of its server's catalogues, asked one by one.</summary>
internal static class Catalogues
{
    /// <summary>What tells of tables, columns, types and functions of the database one is in.</summary>
    public static readonly string[] OfTables =
    [
        "pg_aggregate", "pg_am", "pg_amop", "pg_amproc", "pg_attrdef", "pg_attribute", "pg_available_extensions", "pg_cast", "pg_class",
        "pg_collation", "pg_constraint", "pg_conversion", "pg_cursors", "pg_depend", "pg_description", "pg_enum", "pg_extension",
        "pg_foreign_table", "pg_index", "pg_indexes", "pg_inherits", "pg_language", "pg_matviews", "pg_namespace", "pg_opclass",
        "pg_operator", "pg_opfamily", "pg_partitioned_table", "pg_prepared_statements", "pg_proc", "pg_range", "pg_rewrite", "pg_rules",
        "pg_sequence", "pg_sequences", "pg_statistic_ext", "pg_stats", "pg_stats_ext", "pg_tables", "pg_timezone_abbrevs",
        "pg_timezone_names", "pg_trigger", "pg_ts_config", "pg_ts_dict", "pg_type", "pg_views",
    ];

    /// <summary>Statements that tell of, or do something to, what is not the reader's: each is refused for want of a privilege.</summary>
    public static TheoryData<string> NotAReaders =>
    [
        "select pg_catalog.lo_create(0)", "select pg_catalog.lo_creat(-1)", "select pg_catalog.lo_from_bytea(0, 'mine')",
        "select pg_catalog.pg_read_file('/etc/passwd')", "select pg_catalog.pg_read_binary_file('postgresql.conf')",
        "select pg_catalog.pg_ls_dir('.')", "select pg_catalog.pg_terminate_backend(pg_backend_pid())",
        "select pg_catalog.set_config('work_mem', '1GB', false)", "select pg_catalog.pg_cancel_backend(pg_backend_pid())",
        "select pg_catalog.pg_advisory_lock(1)", "select pg_catalog.pg_notify('mine', 'x')",
        "select pg_catalog.pg_logical_emit_message(false, 'mine', 'x')", "select * from pg_catalog.pg_show_all_settings()",
        "select pg_catalog.pg_stat_get_activity(null)", "select pg_catalog.pg_stat_get_backend_dbid(1)",
        "select pg_catalog.pg_lock_status()", "select pg_catalog.pg_database_size('postgres')",
        "select pg_catalog.pg_tablespace_databases(1663)", "select pg_catalog.pg_control_system()",
        "select pg_catalog.shobj_description(1, 'pg_database')", "select relacl from pg_class", "select nspacl from pg_namespace",
        "select proacl from pg_proc", "select datname from pg_database", "select rolname from pg_roles", "select * from pg_settings",
        "select * from pg_stat_activity", "select * from pg_locks", "select * from pg_shadow", "select * from pg_db_role_setting",
    ];

    /// <summary>The names of those in <c>pg_catalog</c> that a connection may read.</summary>
    public static async Task<IReadOnlyList<string>> SeenAsync(NpgsqlConnection reader)
    {
        List<string> seen = [];
        foreach (var (name, schema, _) in await RelationsAsync(reader))
        {
            if (schema == "pg_catalog" && await MayReadAsync(reader, name))
            {
                seen.Add(name);
            }
        }

        return [.. seen.Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads every row that a connection may, and says where one holds a text; fails when it read next to nothing.</summary>
    public static async Task<IReadOnlyList<string>> WhereAsync(NpgsqlConnection reader, string text, IReadOnlyList<string> seen)
    {
        var (read, rows) = (0, 0);
        List<string> told = [];
        foreach (var (name, schema, columns) in await RelationsAsync(reader))
        {
            if (columns.Length == 0 || (schema == "pg_catalog" && !seen.Contains(name, StringComparer.Ordinal)))
            {
                continue;
            }

            read++;
            foreach (var row in await reader.QueryAsync<string?>($"select concat_ws('|', {columns}) from {schema}.{name}"))
            {
                rows++;
                if (row!.Contains(text, StringComparison.OrdinalIgnoreCase))
                {
                    told.Add($"{schema}.{name} tells: {row}");
                }
            }
        }

        // It has looked at something: also at what the standard prescribes.
        Assert.InRange(read, seen.Count + 50, int.MaxValue);
        Assert.InRange(rows, 10_000, int.MaxValue);
        return told;
    }

    // With the columns that it may read, the name of each being its own.
    private static async Task<IReadOnlyList<(string Name, string Schema, string Columns)>> RelationsAsync(NpgsqlConnection reader) =>
        [.. await reader.QueryAsync<(string Name, string Schema, string Columns)>(
            """
            select c.relname::text, n.nspname::text, coalesce(string_agg(quote_ident(a.attname), ', ' order by a.attnum), '')
            from   pg_class c join pg_namespace n on n.oid = c.relnamespace
                   join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                                          and has_column_privilege(c.oid, a.attnum, 'select')
                                          and a.atttypid::regtype::text not in ('anyarray', 'anyarray[]')
            where  n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
            group  by c.relname, n.nspname
            union all
            select c.relname::text, n.nspname::text, ''
            from   pg_class c join pg_namespace n on n.oid = c.relnamespace
            where  n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
                   and not has_any_column_privilege(c.oid, 'select')
            """)];

    private static async Task<bool> MayReadAsync(NpgsqlConnection reader, string name)
    {
        try
        {
            await reader.ExecuteAsync($"select count(*) from pg_catalog.{name}");
            return true;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }
}
