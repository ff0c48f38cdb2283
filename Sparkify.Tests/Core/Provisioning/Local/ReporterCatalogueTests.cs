using Dapper;
using Npgsql;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Local;

/// <summary>Each catalogue of the server, and what the role that queries run under sees of it.</summary>
public sealed class ReporterCatalogueTests(ReporterTests.Warehouse warehouse) : IClassFixture<ReporterTests.Warehouse>
{
    public static TheoryData<string> NotAReaders => Catalogues.NotAReaders;

    [Fact]
    public async Task Reporter_OfEachCatalogue_SeesWhatTellsOfItsOwnDatabase()
    {
        await using var reporter = await warehouse.ReporterAsync();

        Assert.Equal(Catalogues.OfTables, await Catalogues.SeenAsync(reporter));
    }

    [Fact]
    public async Task Reporter_EverythingItMayRead_TellsOfNoOtherWarehouse()
    {
        var rival = new LocalNames(await warehouse.Local.ProvisionedAsync());
        await using var reporter = await warehouse.ReporterAsync();

        Assert.Equal([], await Catalogues.WhereAsync(reporter, rival.Database, Catalogues.OfTables));

        // The administrator does find the other one in the same place, so the name is one to look for.
        await using var administrator = new NpgsqlConnection(warehouse.Local.App.Store);
        Assert.Equal(1, await administrator.ExecuteScalarAsync<long>(
            "select count(*) from pg_database where datname = @Database", new { rival.Database }));
    }

    [Theory]
    [MemberData(nameof(NotAReaders))]
    public async Task Reporter_WhatIsNotAReaders_IsRefused(string sql)
    {
        await using var reporter = await warehouse.ReporterAsync();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => reporter.ExecuteAsync(sql));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
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
}
