using Dapper;
using Npgsql;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Provisioning.Local;

/// <summary>Each catalogue of the server, and what the role that queries run under sees of it.</summary>
public sealed class ReporterCatalogueTests(ReporterTests.Warehouse warehouse) : IClassFixture<ReporterTests.Warehouse>
{
    // What tells of tables, columns, types and functions of the database one is in.
    private static readonly string[] Seen =
    [
        "pg_aggregate", "pg_am", "pg_amop", "pg_amproc", "pg_attrdef", "pg_attribute", "pg_available_extensions", "pg_cast", "pg_class",
        "pg_collation", "pg_constraint", "pg_conversion", "pg_cursors", "pg_depend", "pg_description", "pg_enum", "pg_extension",
        "pg_foreign_table", "pg_index", "pg_indexes", "pg_inherits", "pg_language", "pg_matviews", "pg_namespace", "pg_opclass",
        "pg_operator", "pg_opfamily", "pg_partitioned_table", "pg_prepared_statements", "pg_proc", "pg_range", "pg_rewrite", "pg_rules",
        "pg_sequence", "pg_sequences", "pg_statistic_ext", "pg_stats", "pg_stats_ext", "pg_tables", "pg_timezone_abbrevs",
        "pg_timezone_names", "pg_trigger", "pg_ts_config", "pg_ts_dict", "pg_type", "pg_views",
    ];

    [Fact]
    public async Task Reporter_OfEachCatalogue_SeesWhatTellsOfItsOwnDatabase()
    {
        await using var reporter = await warehouse.ReporterAsync();
        List<string> seen = [];
        foreach (var (name, schema, _) in await RelationsAsync(reporter))
        {
            if (schema == "pg_catalog" && await MayReadAsync(reporter, name))
            {
                seen.Add(name);
            }
        }

        Assert.Equal(Seen.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reporter_EverythingItMayRead_TellsOfNoOtherWarehouse()
    {
        var rival = new LocalNames(await warehouse.Local.ProvisionedAsync());
        await using var reporter = await warehouse.ReporterAsync();
        var (read, rows) = (0, 0);
        List<string> refused = [];
        foreach (var (name, schema, columns) in await RelationsAsync(reporter))
        {
            if (columns.Length == 0 || (schema == "pg_catalog" && !Seen.Contains(name, StringComparer.Ordinal)))
            {
                continue;
            }

            foreach (var row in await RowsAsync($"select concat_ws('|', {columns}) from {schema}.{name}"))
            {
                rows++;
                Assert.False(
                    row!.Contains(rival.Database, StringComparison.OrdinalIgnoreCase), $"{schema}.{name} tells of another warehouse: {row}");
            }
        }

        // It has looked at something: also at what the standard prescribes.
        Assert.Equal([], refused);
        Assert.InRange(read, Seen.Length + 50, int.MaxValue);
        Assert.InRange(rows, 10_000, int.MaxValue);

        // The administrator does find the other one in the same place, so the name is one to look for.
        await using var administrator = new NpgsqlConnection(warehouse.Local.App.Store);
        Assert.Equal(1, await administrator.ExecuteScalarAsync<long>(
            "select count(*) from pg_database where datname = @Database", new { rival.Database }));

        // A view may ask within for what is refused.
        async Task<IEnumerable<string?>> RowsAsync(string sql)
        {
            try
            {
                var all = await reporter.QueryAsync<string?>(sql);
                read++;
                return all;
            }
            catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                refused.Add(sql[sql.LastIndexOf(' ')..]);
                return [];
            }
        }
    }

    [Fact]
    public async Task Reporter_WhatToolsAskOfATable_IsAnswered()
    {
        await using var reporter = await warehouse.ReporterAsync();
        Assert.Equal(
            ["i|integer"],
            await reporter.QueryAsync<string>(
                """
                select a.attname || '|' || format_type(a.atttypid, a.atttypmod)
                from   pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                where  n.nspname = 'dwh' and c.relname = 't' and a.attnum > 0
                """));
        Assert.Equal(["t"], await reporter.QueryAsync<string>("select table_name from information_schema.tables where table_schema = 'dwh'"));
        Assert.Equal(
            ["i|integer"],
            await reporter.QueryAsync<string>(
                "select column_name || '|' || data_type from information_schema.columns where table_schema = 'dwh' and table_name = 't'"));
        Assert.Equal(["t"], await reporter.QueryAsync<string>("select tablename from pg_tables where schemaname = 'dwh'"));
    }

    // With the columns that it may read, the name of each being its own.
    private static async Task<IReadOnlyList<(string Name, string Schema, string Columns)>> RelationsAsync(NpgsqlConnection reporter) =>
        [.. await reporter.QueryAsync<(string Name, string Schema, string Columns)>(
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

    private static async Task<bool> MayReadAsync(NpgsqlConnection reporter, string name)
    {
        try
        {
            await reporter.ExecuteAsync($"select count(*) from pg_catalog.{name}");
            return true;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }
}
