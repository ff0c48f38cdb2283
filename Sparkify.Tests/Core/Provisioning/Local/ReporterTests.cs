using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Provisioning.Local;

/// <summary>What the role that reports run under may not do.</summary>
public sealed class ReporterTests(ReporterTests.Warehouse warehouse) : IClassFixture<ReporterTests.Warehouse>
{
    [Fact]
    public async Task Reporter_PublishedTable_CanBeRead()
    {
        await using var reporter = await warehouse.ReporterAsync();
        Assert.Equal(1, await reporter.ExecuteScalarAsync<int>("select i from t"));
    }

    [Theory]
    [InlineData("insert into dwh.t values (2)")]
    [InlineData("update dwh.t set i = 2")]
    [InlineData("delete from dwh.t")]
    [InlineData("truncate dwh.t")]
    [InlineData("drop table dwh.t")]
    [InlineData("alter table dwh.t add column j integer")]
    [InlineData("alter schema dwh rename to gone")]
    [InlineData("drop schema dwh cascade")]
    [InlineData("do $$ begin lock table dwh.t in exclusive mode; end $$")]
    [InlineData("comment on table dwh.t is 'mine'")]
    [InlineData("create index on dwh.t (i)")]
    [InlineData("create table dwh.mine (i integer)")]
    [InlineData("create view dwh.mine as select 1")]
    [InlineData("create function dwh.mine() returns integer language sql as 'select 1'")]
    [InlineData("create table public.mine (i integer)")]
    [InlineData("create schema mine")]
    [InlineData("create temporary table mine (i integer)")]
    [InlineData("create extension hstore")]
    [InlineData("copy (select 1) to '/tmp/mine'")]
    [InlineData("copy (select 1) to program 'true'")]
    [InlineData("do $$ begin perform 1; end $$")]
    [InlineData("set temp_file_limit = -1")]
    [InlineData("show data_directory")]
    [InlineData("show hba_file")]
    [InlineData("create role mine")]
    [InlineData("create database mine")]
    [InlineData("alter system set work_mem = '1GB'")]
    [InlineData("select * from dwh_build.t")]
    [InlineData("create table dwh_build.mine (i integer)")]
    public async Task Reporter_WritesOrLooksBehindTheScenes_IsRefused(string sql)
    {
        await using var reporter = await warehouse.ReporterAsync();
        // What the role is granted counts, not a default that a session may switch off.
        await reporter.ExecuteAsync("set default_transaction_read_only = off");

        var refused = await Assert.ThrowsAsync<PostgresException>(() => reporter.ExecuteAsync(sql));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    [Fact]
    public async Task Reporter_TheLoadersRole_CannotBeTaken()
    {
        await using var reporter = await warehouse.ReporterAsync();
        var loader = new LocalNames(warehouse.Name).Loader;
        foreach (var sql in new[] { $"set role {loader}", $"alter role {loader} password 'mine'", $"grant {loader} to current_user", $"drop role {loader}" })
        {
            await reporter.ExecuteAsync("set default_transaction_read_only = off");
            var refused = await Assert.ThrowsAsync<PostgresException>(() => reporter.ExecuteAsync(sql));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Reporter_AnotherWarehouse_CannotBeReached()
    {
        var other = await warehouse.Local.ProvisionedAsync();
        var text = new NpgsqlConnectionStringBuilder(warehouse.Local.App.Store)
        {
            Database = new LocalNames(other).Database,
            Username = new LocalNames(warehouse.Name).Reporter,
            Password = warehouse.Password,
            Pooling = false,
        };
        await using var connection = new NpgsqlConnection(text.ConnectionString);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    /// <summary>A provisioned warehouse with a published table and one being built.</summary>
    public sealed class Warehouse : IAsyncLifetime
    {
        internal LocalWarehouses Local { get; } = new();

        internal string Name { get; private set; } = "";

        internal Task<NpgsqlConnection> ReporterAsync() => Local.ConnectAsync(Name, WarehouseRole.Reporter);

        internal string Password => Local.App.Services.GetRequiredService<IWarehouseDatabases>().Password(Name, WarehouseRole.Reporter);

        public async Task InitializeAsync()
        {
            await Local.InitializeAsync();
            Name = await Local.ProvisionedAsync();
            await using var loader = await Local.ConnectAsync(Name, WarehouseRole.Loader);
            await loader.ExecuteAsync(
                "create table dwh.t as select 1 as i; create schema dwh_build; create table dwh_build.t as select 1 as i");
        }

        public Task DisposeAsync() => Local.DisposeAsync();
    }
}
