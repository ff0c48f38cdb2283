using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
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

    /// <summary>Sets the bounds of one warehouse, where our account may.</summary>
    public async Task SetAsync(LocalNames names, string warehouse, CancellationToken ct)
    {
        if (await VersionAsync(ct) is { } version)
        {
            await SetAsync(names, warehouse, version, ct);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (version, wanted) = await WantedAsync(stoppingToken);
        foreach (var warehouse in wanted)
        {
            try
            {
                await SetAsync(new LocalNames(warehouse), warehouse, version, stoppingToken);
                Bounded(logger, warehouse);
            }
            catch (Exception ex) when (ex is SparkifyException || WarehouseFaults.OfTheWay(ex))
            {
                // It or its database has gone, or somebody changes the same: the next start, or provisioning it, does it.
                NotBounded(logger, warehouse, ex);
            }
        }
    }

    private async Task SetAsync(LocalNames names, string warehouse, string version, CancellationToken ct)
    {
        await using var inside = await server.OpenDatabaseAsync(names.Database, ct);
        foreach (var script in new[] { Script, Limits })
        {
            await LocalServer.ExecuteAsync(inside, script.Replace("{loader}", $"\"{names.Loader}\"", StringComparison.Ordinal)
                .Replace("{reporter}", $"\"{names.Reporter}\"", StringComparison.Ordinal), ct);
        }

        await journal.SetReaderBoundsAsync(warehouse, version, ct);
    }

    // A server of another version has other catalogues. None where our account is no superuser: nothing can be set there.
    private async Task<string?> VersionAsync(CancellationToken ct)
    {
        var (number, superuser) = await server.AskAsync(ct);
        return superuser ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Script}{Limits}{number}")))[..16] : null;
    }

    private async Task<(string Version, IReadOnlyList<string> Warehouses)> WantedAsync(CancellationToken ct)
    {
        try
        {
            return await VersionAsync(ct) is { } version ? (version, await journal.WithoutReaderBoundsAsync(version, ct)) : ("", []);
        }
        catch (Exception ex) when (WarehouseFaults.OfTheWay(ex))
        {
            NotBounded(logger, "(all)", ex); // the server has gone away again just now
            return ("", []);
        }
    }

    [LoggerMessage(1160, LogLevel.Information, "The readers of the warehouse {Warehouse} are bounded as this version has it")]
    private static partial void Bounded(ILogger logger, string warehouse);

    [LoggerMessage(1161, LogLevel.Warning, "The readers of the warehouse {Warehouse} could not be bounded: provision it again")]
    private static partial void NotBounded(ILogger logger, string warehouse, Exception exception);
}
