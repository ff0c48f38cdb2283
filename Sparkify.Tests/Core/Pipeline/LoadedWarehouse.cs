using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>A provisioned warehouse in the real application, to be loaded and looked into.</summary>
internal sealed class LoadedWarehouse : IAsyncDisposable
{
    private LoadedWarehouse(TestApp app, string name) => (App, Name) = (app, name);

    public TestApp App { get; }

    public string Name { get; }

    public static async Task<LoadedWarehouse> ProvisionAsync(object source, int? maxRejects = null, params string[] arguments)
    {
        var app = await TestApp.StartAsync(arguments: arguments);
        var name = TestApp.NewName();
        await app.CreateAsync(name, source, maxRejects);
        return await ProvisionAsync(app, name);
    }

    /// <summary>Provisions a warehouse that is described already.</summary>
    public static async Task<LoadedWarehouse> ProvisionAsync(TestApp app, string name)
    {
        var run = await app.RunAsync(name, RunKind.Provision);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        return new LoadedWarehouse(app, name);
    }

    /// <summary>Loads it and expects that to succeed.</summary>
    public async Task<RunView> LoadAsync()
    {
        var run = await TryLoadAsync();
        Assert.True(run.State == RunState.Succeeded, run.Error ?? run.Decision?.Asks);
        return run;
    }

    /// <summary>Loads it and publishes what comes of it, however unlikely that is.</summary>
    public async Task<RunView> LoadAnywayAsync()
    {
        var run = await TryLoadAsync();
        if (run.State == RunState.NeedsDecision)
        {
            await App.Services.GetRequiredService<IRuns>().PublishAsync(run.Id, "It is a test.", Actor.System, CancellationToken.None);
            run = await App.EndAsync(run.Id);
        }

        Assert.True(run.State == RunState.Succeeded, run.Error);
        return run;
    }

    /// <summary>Loads it, however that ends.</summary>
    public Task<RunView> TryLoadAsync() => App.RunAsync(Name, RunKind.Load);

    /// <summary>A connection as its loader or reporter.</summary>
    public async Task<NpgsqlConnection> OpenAsync(WarehouseRole role = WarehouseRole.Reporter)
    {
        var warehouse = await App.Services.GetRequiredService<IWarehouses>().GetAsync(Name, CancellationToken.None);
        return await App.Services.GetRequiredService<IWarehouseDatabases>().Open(warehouse, role).OpenConnectionAsync();
    }

    /// <summary>Rows of a query, as the reporter sees them, each as one text.</summary>
    public async Task<List<string>> RowsAsync(string from)
    {
        await using var db = await OpenAsync();
        return (await db.QueryAsync<string>($"select t::text from ({from}) t order by 1")).AsList();
    }

    /// <summary>What a reader sees who counts plays and moments, one statement after another, until it is told to stop.</summary>
    public async Task<List<(long Plays, long Moments)>> SeenAsync(CancellationToken done)
    {
        List<(long, long)> seen = [];
        await using var db = await OpenAsync();
        while (!done.IsCancellationRequested)
        {
            seen.Add(await db.QuerySingleAsync<(long, long)>("select (select count(*) from songplays), (select count(*) from time)"));
        }

        return seen;
    }

    public async ValueTask DisposeAsync()
    {
        await App.RunAsync(Name, RunKind.Teardown);
        await App.DisposeAsync();
    }
}
