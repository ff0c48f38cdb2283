using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Runs;

/// <summary>A run whose steps do what the test says; of a kind that no feature defines.</summary>
internal sealed class FakeRun(params RunStep[] steps) : IRunDefinition
{
    public RunKind Kind { get; init; } = RunKind.Pause;

    public Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<RunStep>>(steps);

    /// <summary>A step.</summary>
    public static RunStep Step(string name, Func<StepContext, CancellationToken, Task>? workAsync = null) =>
        new(name, $"The step {name}", workAsync ?? ((_, _) => Task.CompletedTask));
}

/// <summary>A point that work reaches, and waits at until the test lets it pass.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public void Open() => _open.TrySetResult();

    public Task PassAsync(CancellationToken ct)
    {
        _reached.TrySetResult();
        return _open.Task.WaitAsync(ct);
    }
}

/// <summary>The application with runs of the test's own.</summary>
internal sealed class RunsApp(TestApp app, string warehouse) : IAsyncDisposable
{
    public TestApp App { get; } = app;

    public string Warehouse { get; } = warehouse;

    public IRuns Runs => App.Services.GetRequiredService<IRuns>();

    public static Task<RunsApp> StartAsync(params IRunDefinition[] definitions) => StartAsync([], definitions);

    public static async Task<RunsApp> StartAsync(string[] arguments, params IRunDefinition[] definitions)
    {
        var app = new RunsApp(await TestApp.StartAsync(before: Register(definitions), arguments: arguments), TestApp.NewName());
        await app.DescribeAsync(app.Warehouse);
        return app;
    }

    /// <summary>Stops it as a service manager would, and starts another on what it left.</summary>
    public async Task<RunsApp> RestartAsync(params IRunDefinition[] definitions)
    {
        await App.StopAsync();
        return new RunsApp(await TestApp.StartAsync(after: App, before: Register(definitions)), Warehouse);
    }

    /// <summary>Starts another on the same store, beside it.</summary>
    public Task<TestApp> StartBesideAsync(string[] arguments, params IRunDefinition[] definitions) =>
        TestApp.StartAsync(after: App, before: Register(definitions), arguments: arguments);

    public Task DescribeAsync(string name) => App.Services.GetRequiredService<IWarehouses>().CreateAsync(
        new NewWarehouse(name, WarehouseTarget.Local, new SampleSource(1, 1, 20, 5)), Actor.System, default);

    public Task<RunView> StartRunAsync(RunKind? then = null) => Runs.StartAsync(Warehouse, RunKind.Pause, Actor.System, default, then);

    public async Task<RunView> RunToItsEndAsync() => await App.EndAsync((await StartRunAsync()).Id);

    /// <summary>A connection of the test's own to the store.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(App.Store + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Breaks every other connection to the store, as a restart of the server does, and waits until they are gone.</summary>
    public async Task BreakConnectionsAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
            connection);
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private static Action<Microsoft.AspNetCore.Builder.WebApplicationBuilder> Register(IRunDefinition[] definitions) => builder =>
    {
        foreach (var definition in definitions)
        {
            builder.Services.AddSingleton(definition);
        }
    };
}
