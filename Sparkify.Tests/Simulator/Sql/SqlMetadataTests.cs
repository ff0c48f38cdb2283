using Npgsql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>
/// What AWS has of its own to look at objects and statements with: SHOW, the SVV_, STV_ and SVL_ views, and the catalogue's arrays.
/// </summary>
public sealed class SqlMetadataTests(SqlMetadataTests.Shared shared) : IClassFixture<SqlMetadataTests.Shared>
{
    private const string Password = "Reader1pass";
    private readonly SqlBench _bench = shared.Bench;

    [Theory]
    [InlineData("show databases", "dev|{admin}|local|null|null|Serializable")]
    [InlineData("show databases like 'd_v' limit 1;", "dev|{admin}|local|null|null|Serializable")]
    [InlineData("show databases like 'D_V'")]
    [InlineData("show schemas from database dev like 'st%'", "dev|star|{admin}|local|null|null|null")]
    [InlineData("show schemas from database other")]
    [InlineData("show tables from schema dev.star", "dev|star|plays|TABLE|null|null|admin|null|null|KEY(song)|REGULAR TABLE",
        "dev|star|songs|VIEW|null|null|admin|null|null|null|LATE BINDING VIEW", "dev|star|titles|VIEW|null|null|admin|null|null|null|REGULAR VIEW")]
    [InlineData("SHOW TABLES FROM SCHEMA star LIKE 'p%'", "dev|star|plays|TABLE|null|null|admin|null|null|KEY(song)|REGULAR TABLE")]
    [InlineData("show columns from table dev.star.plays like 's%' limit 5",
        "dev|star|plays|song|1|null|NO|character varying|18|null|null|null|null|0|1|none|null",
        "dev|star|plays|seconds|3|null|YES|numeric|null|8|2|null|null|0|0|none|null")]
    [InlineData("show columns from table star.plays like 'at'", "dev|star|plays|at|2|null|YES|timestamp without time zone|null|null|null|null|COMPOUND|1|0|none|null")]
    public async Task Show_lists_what_there_is(string sql, params string[] rows)
    {
        var admin = (await _bench.RowsAsync("select usesysid from pg_user where usename = 'admin'"))[0];
        Assert.Equal(rows.Select(row => row.Replace("{admin}", admin, StringComparison.Ordinal)), await _bench.RowsAsync(sql));
    }

    [Theory]
    [InlineData("show tables from schema other.star", "0A000")]
    [InlineData("show columns from table other.star.plays", "0A000")]
    [InlineData("show tables", "42601")]
    [InlineData("show tables from star", "42601")]
    [InlineData("show schemas from database dev where true", "42601")]
    [InlineData("show columns from table star.plays limit all", "42601")]
    public async Task What_show_does_not_know_is_refused(string sql, string state) =>
        Assert.Equal(state, (await _bench.RefusedAsync(sql)).SqlState);

    [Theory]
    [InlineData("select table_name, table_type from svv_all_tables where schema_name = 'star' order by 1", "plays|TABLE", "songs|VIEW", "titles|VIEW")]
    [InlineData("select database_name, table_owner from svv_redshift_tables where table_name = 'plays'", "dev|admin")]
    [InlineData("select column_name, data_type, is_nullable from svv_all_columns where table_name = 'plays' and ordinal_position < 3 order by 1",
        "at|timestamp without time zone|YES", "song|character varying|NO")]
    [InlineData("select column_name, distkey, sortkey from svv_redshift_columns where table_name = 'plays' order by 1", "at|f|1", "seconds|f|0", "song|t|0")]
    [InlineData("select schema_name, schema_type from svv_all_schemas where schema_name in ('star', 'sim_internal', 'public') order by 1", "public|local", "star|local")]
    [InlineData("select schema_name from svv_redshift_schemas where schema_name = 'star'", "star")]
    [InlineData("select database_name, database_type from svv_redshift_databases", "dev|local")]
    [InlineData("select user_name, superuser from svv_user_info order by 1", "admin|t", "reader|f")]
    [InlineData("select usename, usesuper, syslogaccess from pg_user_info order by 1", "admin|t|UNRESTRICTED", "reader|f|RESTRICTED")]
    [InlineData("select relname, reldiststyle, releffectivediststyle from pg_class_info where relname in ('plays', 'titles') order by 1", "plays|1|1", "titles|0|0")]
    public async Task Views_of_objects_tell_of_them(string sql, params string[] rows) => Assert.Equal(rows, await _bench.RowsAsync(sql));

    [Fact]
    public async Task A_user_sees_its_own_in_them()
    {
        await using var reader = _bench.As("reader", Password);
        Assert.Equal(["reader"], await SqlBench.RowsAsync(reader, "select user_name from svv_user_info"));
        Assert.Empty(await SqlBench.RowsAsync(reader, "select table_name from svv_all_tables where schema_name = 'star'"));
        Assert.Empty(await SqlBench.RowsAsync(reader, "show tables from schema dev.star"));
        Assert.Empty(await SqlBench.RowsAsync(reader, "select schema_name from svv_all_schemas where schema_name = 'star'"));
        Assert.Equal(["reader"], await SqlBench.RowsAsync(reader, "select distinct trim(user_name) from stv_recents"));
    }

    [Fact]
    public async Task What_runs_is_seen_running_and_afterwards_done()
    {
        const string Endless = "with recursive t(n) as (select 1 union all select n + 1 from t) select count(*) as endless from t";
        await using var connection = await _bench.Master.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(Endless, connection);
        var running = command.ExecuteScalarAsync();
        foreach (var sql in new[]
        {
            "select count(*) from stv_inflight where text like '%endless%' and text not like '%stv%'",
            "select count(*) from stv_recents where status = 'Running' and query like '%as endless%' and pid > 0",
            "select count(*) from pg_stat_activity where current_query like '%as endless%' and usename = 'admin'",
        })
        {
            await Eventually.BecomesAsync(async () => (long)(await _bench.ScalarAsync(sql))!, static found => found == 1);
        }

        command.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(["1"], await _bench.RowsAsync("select aborted from svl_qlog where substring like 'with recursive t(n)%'"));
        Assert.Equal(0L, await _bench.ScalarAsync("select count(*) from stv_inflight where text like '%endless%' and text not like '%stv%'"));
        Assert.Equal(["Done|-1"], await _bench.RowsAsync("select status, pid from stv_recents where query like 'with recursive t(n)%as endless%'"));
    }

    [Theory]
    [InlineData("select u.usename from pg_user u, pg_group g where u.usesysid = any(g.grolist) and g.groname = 'readers'", "reader")]
    [InlineData("select u.usename from pg_user u join pg_group on u.usesysid = ANY (grolist)", "reader")]
    [InlineData("select grolist[1] > 0 from pg_group where groname = 'readers'", "t")]
    [InlineData("select (pg_catalog.current_schemas(true))[1]", "pg_catalog")]
    [InlineData("select nspname from pg_catalog.pg_namespace where nspname = any(current_schemas(false))", "public")]
    [InlineData("select array[1::smallint] as conkey from pg_catalog.pg_class where relname = 'plays'", "{1}")]
    public async Task Arrays_of_the_catalogue_are_looked_into(string sql, params string[] rows) =>
        Assert.Equal(rows, await _bench.RowsAsync(sql));

    [Theory]
    [InlineData("select array[1] from star.plays")]
    [InlineData("select array[c.oid] from pg_class c join star.plays on true")]
    [InlineData("select song from star.plays where song = any(array['a'])")]
    [InlineData("select song from star.plays where song = any('{a}')")]
    [InlineData("select ('{1,2}'::int[])[1]")]
    public async Task Arrays_of_ones_own_are_none(string sql) => Assert.Equal("0A000", (await _bench.RefusedAsync(sql)).SqlState);

    /// <summary>One cluster for all of them.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal SqlBench Bench { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Bench = await SqlBench.StartAsync();
            await Bench.RunAsync("create schema star");
            await Bench.RunAsync("create table star.plays (song varchar(18) not null distkey, at timestamp, seconds decimal(8, 2)) sortkey (at)");
            await Bench.RunAsync("create view star.titles as select song from star.plays");
            await Bench.RunAsync("create view star.songs as select song from star.plays with no schema binding");
            await Bench.RunAsync($"create user reader password '{Password}'");
            await Bench.RunAsync("create group readers with user reader");
        }

        public async Task DisposeAsync() => await Bench.DisposeAsync();
    }
}
