using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>
/// The first start on an empty store makes, provisions and loads the warehouse <c>sample</c>, so that the first page shows a live run.
/// </summary>
internal sealed partial class FirstStart(
    IStore store, IWarehouses warehouses, IRuns runs, IOptions<SparkifyOptions> options, ILogger<FirstStart> logger)
    : IHostedService
{
    private const string Name = "sample";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.AutoSample)
        {
            return;
        }

        await using var db = await store.Database.OpenConnectionAsync(cancellationToken);
        var first = await db.ExecuteAsync(new CommandDefinition(
            "update store set sampled = true where not sampled and not exists (select 1 from warehouses)",
            cancellationToken: cancellationToken));
        if (first == 0)
        {
            return; // not the first start: a sample that was deleted stays deleted
        }

        try
        {
            await warehouses.CreateAsync(
                new NewWarehouse(Name, WarehouseTarget.Local, new SampleSource()), Actor.System, cancellationToken);
            await runs.StartAsync(Name, RunKind.Provision, Actor.System, cancellationToken, then: RunKind.Load);
        }
        catch (SparkifyException ex)
        {
            NoSample(
                logger, ex.Message); // something is in the sample's way, such as a database of its name; the application is of use without
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(950, LogLevel.Warning, "The sample was not made: {Reason}")]
    private static partial void NoSample(ILogger logger, string reason);
}
