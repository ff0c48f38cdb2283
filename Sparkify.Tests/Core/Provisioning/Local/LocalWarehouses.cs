using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Local;

/// <summary>One application for the tests of a class, and a look at its server from outside.</summary>
public sealed class LocalWarehouses : IAsyncLifetime
{
    internal TestApp App { get; private set; } = null!;

    internal IWarehouses Registry => App.Services.GetRequiredService<IWarehouses>();

    internal IRuns Runs => App.Services.GetRequiredService<IRuns>();

    internal IWarehousePlans Plans => App.Services.GetRequiredService<IWarehousePlans>();

    internal Task DescribeAsync(string name) => Registry.CreateAsync(Request(name), Actor.System, default);

    internal static NewWarehouse Request(string name) => new(name, WarehouseTarget.Local, new SampleSource(1, 1, 20, 5));

    internal async Task<string> DescribedAsync()
    {
        var name = TestApp.NewName();
        await DescribeAsync(name);
        return name;
    }

    internal async Task<string> ProvisionedAsync()
    {
        var name = await DescribedAsync();
        var run = await App.RunAsync(name, RunKind.Provision);
        Assert.Equal((RunState.Succeeded, null), (run.State, run.Error));
        return name;
    }

    /// <summary>A connection in one of a warehouse's roles.</summary>
    internal async Task<NpgsqlConnection> ConnectAsync(string name, WarehouseRole role) =>
        await App.Services.GetRequiredService<IWarehouseDatabases>()
        .Open(await Registry.GetAsync(name, default), role).OpenConnectionAsync();

    /// <summary>A connection as the server's administrator, to the store or to another database.</summary>
    internal async Task<NpgsqlConnection> AdministratorAsync(string? database = null)
    {
        var text = new NpgsqlConnectionStringBuilder(App.Store) { Pooling = false };
        text.Database = database ?? text.Database;
        var connection = new NpgsqlConnection(text.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>The databases and roles whose names begin as a warehouse's do, each with its mark.</summary>
    internal async Task<List<(string Name, string? Mark)>> OnTheServerAsync(string name)
    {
        await using var connection = await AdministratorAsync();
        return (await connection.QueryAsync<(string, string?)>(
            """
            select datname, shobj_description(oid, 'pg_database') from pg_database where starts_with(datname, @stem)
            union all
            select rolname, shobj_description(oid, 'pg_authid') from pg_roles where starts_with(rolname, @stem)
            order by 1
            """,
            new { stem = new LocalNames(name).Database })).AsList();
    }

    public async Task InitializeAsync() => App = await TestApp.StartAsync();

    public async Task DisposeAsync() => await App.DisposeAsync();
}
