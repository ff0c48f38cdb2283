using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Local;

/// <summary>
/// Keeps the readers of local warehouses from what every role may do and see in every database: when a warehouse is provisioned, and at the
/// start those that an earlier version provisioned.
/// </summary>
internal sealed partial class ReaderBounds(LocalServer server, IWarehouseJournal journal, ILogger<ReaderBounds> logger) : BackgroundService
{
    private static readonly string Script = SqlText.Load("Provisioning.Local.reader_bounds.sql");
    private static readonly string Limits = SqlText.Load("Provisioning.Local.reader_limits.sql");
    private static readonly string Version = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Script + Limits)))[..16];

    /// <summary>Sets the bounds of one warehouse.</summary>
    public async Task SetAsync(LocalNames names, string warehouse, CancellationToken ct)
    {
        await using var inside = await server.OpenDatabaseAsync(names.Database, ct);
        foreach (var script in new[] { Script, Limits })
        {
            await LocalServer.ExecuteAsync(inside, script.Replace("{loader}", $"\"{names.Loader}\"", StringComparison.Ordinal)
                .Replace("{reporter}", $"\"{names.Reporter}\"", StringComparison.Ordinal), ct);
        }

        await journal.SetReaderBoundsAsync(warehouse, Version, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var warehouse in await WantedAsync(stoppingToken))
        {
            try
            {
                await SetAsync(new LocalNames(warehouse), warehouse, stoppingToken);
                Bounded(logger, warehouse);
            }
            catch (NpgsqlException ex)
            {
                // Its database has gone, or somebody changes the same: the next start, or provisioning it, does it.
                NotBounded(logger, warehouse, ex);
            }
        }
    }

    private async Task<IReadOnlyList<string>> WantedAsync(CancellationToken ct)
    {
        try
        {
            return await journal.WithoutReaderBoundsAsync(Version, ct);
        }
        catch (NpgsqlException ex)
        {
            NotBounded(logger, "(all)", ex); // the server has gone away again just now
            return [];
        }
    }

    [LoggerMessage(1160, LogLevel.Information, "The readers of the warehouse {Warehouse} are bounded as this version has it")]
    private static partial void Bounded(ILogger logger, string warehouse);

    [LoggerMessage(1161, LogLevel.Warning, "The readers of the warehouse {Warehouse} could not be bounded: provision it again")]
    private static partial void NotBounded(ILogger logger, string warehouse, Exception exception);
}
