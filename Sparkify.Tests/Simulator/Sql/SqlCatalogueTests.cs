using Npgsql;

namespace Sparkify.Tests.Simulator.Sql;

/// <summary>The catalogue as tools read it: a cluster's own users, databases and settings, and nothing of the server behind.</summary>
public sealed class SqlCatalogueTests(SqlCatalogueTests.Shared shared) : IClassFixture<SqlCatalogueTests.Shared>
{
    private const string Password = "Reader1pass";
    private readonly SqlBench _bench = shared.Bench;

    [Theory]
    [InlineData("admin")]
    [InlineData("reader")]
    public async Task Databases_are_those_of_the_cluster_by_the_names_its_users_know(string user)
    {
        await using var other = await SqlBench.StartAsync();
        var rival = await other.BackendNameAsync();
        await using var source = As(user);

        Assert.Equal(["dev", "template0", "template1"], await SqlBench.RowsAsync(source, "select datname from pg_database order by 1"));
        Assert.Equal(["dev|admin"], await SqlBench.RowsAsync(
            source, "select d.datname, u.usename from pg_catalog.pg_database d join pg_user u on u.usesysid = d.datdba where not d.datistemplate"));
        Assert.Equal(["dev"], await SqlBench.RowsAsync(source, "select pg_database.datname from pg_database where pg_database.datname = current_database()"));
        var all = string.Join('\n', await SqlBench.RowsAsync(source, "select * from pg_database"));
        Assert.DoesNotContain("sim_", all, StringComparison.Ordinal);
        Assert.DoesNotContain(rival, all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pg_authid")]
    [InlineData("pg_roles")]
    [InlineData("pg_auth_members")]
    [InlineData("sim_internal.users")]
    [InlineData("sim_internal.queries")]
    [InlineData("pg_user_mapping")]
    public async Task What_is_the_servers_is_refused_to_the_master_too(string table)
    {
        Assert.Equal("42501", (await _bench.RefusedAsync($"select * from {table}")).SqlState);
    }

    [Fact]
    public async Task Nobody_makes_a_superuser_by_hand() =>
        Assert.Equal("42501", (await _bench.RefusedAsync("update sim_internal.users set superuser = true")).SqlState);

    [Fact]
    public async Task Nobody_is_shown_a_password()
    {
        Assert.Equal(["admin|********", "reader|********"], await _bench.RowsAsync("select usename, passwd from pg_shadow order by 1"));
        Assert.Equal(["admin|********", "reader|********"], await _bench.RowsAsync("select usename, passwd from pg_user order by 1"));
        await using var reader = As("reader");
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => SqlBench.RowsAsync(reader, "select * from pg_shadow"))).SqlState);
        Assert.Equal("42704", (await _bench.RefusedAsync("select 10::regrole")).SqlState);
    }

    [Fact]
    public async Task Without_the_rights_to_everything_the_master_still_rules_over_what_users_have()
    {
        await _bench.RunAsync("create schema theirs authorization reader");
        await using var reader = As("reader");
        await SqlBench.RunAsync(reader, "create table theirs.t (id int)");
        await SqlBench.RunAsync(reader, "insert into theirs.t values (1)");
        Assert.Equal(["1"], await _bench.RowsAsync("select id from theirs.t"));
        await _bench.RunAsync("insert into theirs.t values (2)");
        await _bench.RunAsync("create table theirs.made as select * from theirs.t");
        Assert.Equal(["2"], await _bench.RowsAsync("select tbl_rows from svv_table_info where schema = 'theirs' and \"table\" = 'made'"));
        await _bench.RunAsync("truncate theirs.t");
        await _bench.RunAsync("drop schema theirs cascade");
    }

    [Fact]
    public async Task Privileges_are_asked_of_a_user_by_name_or_number_and_of_a_database_by_its_name()
    {
        await _bench.RunAsync("create table asked (id int)");
        await _bench.RunAsync("grant select on asked to reader");
        Assert.Equal(["t|t|f|t|f"], await _bench.RowsAsync(
            "select has_table_privilege('admin', 'asked', 'insert'), has_table_privilege('reader', 'asked', 'select'), has_table_privilege('reader', 'asked', 'insert'),"
            + " has_schema_privilege('reader', 'public', 'usage'), has_database_privilege('reader', 'dev', 'create')"));
        Assert.Equal(["admin|t|t|t", "reader|t|t|t"], await _bench.RowsAsync(
            "select usename, has_table_privilege(usename, 'asked', 'select'), has_schema_privilege(usesysid, 'public', 'usage'), has_table_privilege(usename, c.oid, 'select')"
            + " from pg_user, pg_class c where c.relname = 'asked' order by 1"));
        Assert.Equal(["f|t"], await _bench.RowsAsync("select has_column_privilege('public', 'asked', 'id', 'select'), has_database_privilege('dev', 'temp')"));
        var unknown = await _bench.RefusedAsync("select has_table_privilege('nobody', 'asked', 'select')");
        Assert.Equal(("42704", "user \"nobody\" does not exist"), (unknown.SqlState, unknown.MessageText));
        Assert.Equal("3D000", (await _bench.RefusedAsync("select has_database_privilege('reader', 'other', 'create')")).SqlState);
    }

    [Fact]
    public async Task Settings_and_sessions_are_shown()
    {
        await using var connection = await _bench.Master.OpenConnectionAsync();
        await using (var set = new NpgsqlCommand("set query_group to 'nightly'", connection))
        {
            await set.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand(
            "select listagg(name || '=' || setting, ' ') within group (order by name) from pg_settings where name in ('server_version', 'query_group', 'statement_timeout')",
            connection);
        Assert.Equal("query_group=nightly server_version=8.0.2 statement_timeout=0", await command.ExecuteScalarAsync());
        await using var reader = As("reader");
        await using var held = await reader.OpenConnectionAsync();
        Assert.Equal(["reader"], await SqlBench.RowsAsync(reader, "select distinct usename from pg_stat_activity"));
        Assert.Equal(["dev|admin", "dev|reader"], await _bench.RowsAsync("select distinct datname, usename from pg_stat_activity order by 2"));
    }

    [Fact]
    public async Task Views_without_schema_binding_are_made_of_what_is_there_and_tell_their_columns()
    {
        await _bench.RunAsync("create schema late");
        await _bench.RunAsync("create table late.base (a int, b varchar(30))");
        await _bench.RunAsync("create view late.one as select a, b from late.base with no schema binding;");
        await _bench.RunAsync("create or replace view late.two (x) as select count(*) from (select a from dev.late.base) WITH NO SCHEMA BINDING");
        await _bench.RunAsync("create view late.bound as select a from late.base");
        string[] columns = ["late|one|a|integer|1", "late|one|b|character varying(30)|2", "late|two|x|bigint|1"];
        Assert.Equal(columns, await _bench.RowsAsync(
            "select * from pg_get_late_binding_view_cols() cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) where view_schema = 'late'"));
        Assert.Equal(columns, await _bench.RowsAsync("select * from pg_get_late_binding_view_cols() where view_schema = 'late'"));
        var missing = await _bench.RefusedAsync("create view late.three as select * from late.nothing with no schema binding");
        Assert.Equal("42P01", missing.SqlState);
        Assert.Contains("has to be there", missing.Hint, StringComparison.Ordinal);
        Assert.Null((await _bench.RefusedAsync("create view late.three as select * from late.nothing")).Hint);
    }

    private NpgsqlDataSource As(string user) => user == "admin"
        ? NpgsqlDataSource.Create(_bench.Connection) : _bench.As(user, Password);

    /// <summary>One cluster for all of them.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        internal SqlBench Bench { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Bench = await SqlBench.StartAsync();
            await Bench.RunAsync($"create user reader password '{Password}'");
        }

        public async Task DisposeAsync() => await Bench.DisposeAsync();
    }
}
