using Dapper;
using Npgsql;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Local;

/// <summary>Warehouses that an earlier version provisioned.</summary>
public sealed class ReaderBoundsTests
{
    [Fact]
    public async Task Provision_ByAnAccountThatIsNoSuperuser_DoesNotSayThatReadersAreBounded()
    {
        var administrator = new NpgsqlConnectionStringBuilder(await SharedPostgres.NewDatabaseAsync());
        var account = $"plain_{Guid.NewGuid():N}";
        await using (var db = new NpgsqlConnection(administrator.ConnectionString))
        {
            await db.ExecuteAsync(
                $"create role {account} login createdb createrole password 'Plain1pass'; alter database \"{administrator.Database}\" owner to {account}");
        }

        await using var app = await TestApp.StartAsync(store: new NpgsqlConnectionStringBuilder(administrator.ConnectionString)
        {
            Username = account,
            Password = "Plain1pass",
        }.ConnectionString);
        var name = TestApp.NewName();
        await app.CreateAsync(name, new { sample = new { events = 60, songs = 10, days = 1 } });
        await LoadedWarehouse.ProvisionAsync(app, name);

        await using var store = new NpgsqlConnection(app.Store);
        Assert.Equal(1, await store.ExecuteScalarAsync<long>(
            "select count(*) from warehouses where name = @name and state = 'available' and reader_bounds is null", new { name }));
    }

    [Fact]
    public async Task Start_WithAWarehouseOfAnEarlierVersion_BoundsItsReaders_AndTheNextStartLeavesItAlone()
    {
        var warehouse = await LoadedWarehouse.ProvisionAsync(new { sample = new { events = 60, songs = 10, days = 1 } });
        var names = new LocalNames(warehouse.Name);
        await using var store = NpgsqlDataSource.Create(warehouse.App.Store);
        await using var inside = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(warehouse.App.Store) { Database = names.Database, Pooling = false }.ConnectionString);
        // As it was.
        await using (var administrator = await inside.OpenConnectionAsync())
        {
            await administrator.ExecuteAsync(
                $"grant select on pg_database, pg_settings to public; alter role \"{names.Reporter}\" reset temp_file_limit");
        }

        await SetVersionAsync(null);
        await using (var reporter = await warehouse.OpenAsync())
        {
            Assert.NotEqual(0, await reporter.ExecuteScalarAsync<long>("select count(*) from pg_database"));
        }

        await warehouse.App.StopAsync();
        await using var app = await TestApp.StartAsync(warehouse.App);

        var version = await Eventually.BecomesAsync(VersionAsync, static v => v is not null, seconds: 20);
        await using (var administrator = await inside.OpenConnectionAsync())
        {
            Assert.False(await SeesAsync(administrator, "pg_database"));
            Assert.False(await SeesAsync(administrator, "pg_settings"));
            Assert.Contains("temp_file_limit=4GB", await administrator.ExecuteScalarAsync<string>(
                "select array_to_string(rolconfig, ' ') from pg_roles where rolname = @Reporter", new { names.Reporter }));
            // Nothing is done twice: what is changed behind its back stays until another version comes.
            await administrator.ExecuteAsync("grant select on pg_database to public");
        }

        await app.StopAsync();
        await using var again = await TestApp.StartAsync(app);
        var next = TestApp.NewName();
        await again.CreateAsync(next, new { sample = new { events = 60, songs = 10, days = 1 } });
        await LoadedWarehouse.ProvisionAsync(again, next); // by now the start is over
        Assert.Equal(version, await VersionAsync());
        await using (var administrator = await inside.OpenConnectionAsync())
        {
            Assert.True(await SeesAsync(administrator, "pg_database"));
        }

        Task<bool> SeesAsync(NpgsqlConnection administrator, string catalogue) => administrator.ExecuteScalarAsync<bool>(
            "select has_table_privilege(@Reporter, @catalogue, 'select')", new { names.Reporter, catalogue });

        async Task<string?> VersionAsync()
        {
            await using var db = await store.OpenConnectionAsync();
            return await db.ExecuteScalarAsync<string?>("select reader_bounds from warehouses where name = @Name", new { warehouse.Name });
        }

        async Task SetVersionAsync(string? version)
        {
            await using var db = await store.OpenConnectionAsync();
            Assert.Equal(1, await db.ExecuteAsync(
                "update warehouses set reader_bounds = @version where name = @Name and reader_bounds is not null",
                new { version, warehouse.Name }));
        }
    }
}
