using Microsoft.Extensions.Options;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Chains;

/// <summary>
/// Saved reports, in the data folder: <c>exports/WAREHOUSE/run-RUN/REPORT.csv</c>, nobody's but the application's to read. A file has its
/// name only when it is whole.
/// </summary>
internal sealed class SavedReports(
    RunQueries runs, IReports reports, IAuditWriter audit, IOptions<SparkifyOptions> options, IOptions<KeepOptions> keep,
    TimeProvider clock) : ISavedReports, IUpkeep
{
    private const string Ending = ".csv";
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private string Root => Path.Combine(options.Value.DataDirectory, "exports");

    public string Name => "saved-reports";

    public string Cron => "37 3 * * *";

    public async Task<IReadOnlyList<SavedReport>> ListAsync(long run, CancellationToken ct)
    {
        var warehouse = await WarehouseAsync(run, ct);
        DirectoryInfo folder = new(Folder(warehouse, run));
        try
        {
            return [.. folder.GetFiles($"*{Ending}").Select(f => Shown(warehouse, f)).OrderBy(static f => f.Title, StringComparer.Ordinal)];
        }
        catch (IOException ex) when (IsGone(ex))
        {
            return [];
        }
    }

    public async Task<Stream> OpenAsync(long run, string report, Actor actor, CancellationToken ct)
    {
        var warehouse = await WarehouseAsync(run, ct);
        // What is asked for is never made a path of: it names one of those there are.
        var file = (await ListAsync(run, ct)).FirstOrDefault(f => f.Report == report)
            ?? throw None();
        try
        {
            return new FileStream(
                Path.Combine(Folder(warehouse, run), $"{file.Report}{Ending}"),
                new FileStreamOptions
                {
                    Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                    Share = FileShare.Read | FileShare.Delete,
                });
        }
        catch (IOException ex) when (IsGone(ex))
        {
            throw None();
        }

        SparkifyException None() => SparkifyException.NotFound($"Run {run} saved no report '{report}', or it is not kept any more.");
    }

    /// <summary>Saves a report: beside its place first, and there when it is whole and on the disk.</summary>
    public async Task<SavedReport> SaveAsync(
        string warehouse, long run, string report, Func<Stream, Task> writeAsync, CancellationToken ct)
    {
        var folder = Folder(warehouse, run);
        MakeFolder(Root); // what is made on the way to a folder gets its mode from nobody
        MakeFolder(folder);
        var (whole, part) = (Path.Combine(folder, $"{report}{Ending}"), Path.Combine(folder, $"{report}.part"));
        FileStreamOptions own = new() { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            own.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            await using (FileStream output = new(part, own))
            {
                await writeAsync(output);
                await output.FlushAsync(ct);
                output.Flush(flushToDisk: true);
            }

            File.Move(part, whole, overwrite: true);
        }
        catch
        {
            File.Delete(part); // what is left of it is nobody's
            throw;
        }

        return Shown(warehouse, new FileInfo(whole));
    }

    /// <summary>Takes out what is older than the settings keep it, and what is of runs that were forgotten with their warehouse.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        if (!Directory.Exists(Root))
        {
            return;
        }

        var before = clock.GetUtcNow().AddDays(-keep.Value.SavedReportDays);
        var removed = 0;
        foreach (var warehouse in new DirectoryInfo(Root).GetDirectories())
        {
            foreach (var folder in warehouse.GetDirectories("run-*"))
            {
                ct.ThrowIfCancellationRequested();
                if (long.TryParse(folder.Name.AsSpan("run-".Length), out var run)
                    && (folder.LastWriteTimeUtc < before.UtcDateTime || await runs.FindAsync(run, ct) is null))
                {
                    removed += folder.GetFiles($"*{Ending}").Length;
                    folder.Delete(recursive: true);
                }
            }

            if (warehouse.GetFileSystemInfos().Length == 0)
            {
                warehouse.Delete();
            }
        }

        if (removed > 0)
        {
            await audit.WriteAsync(
                Actor.System.Name, address: "", "clock", "retention.remove", AuditOutcome.Done, CancellationToken.None,
                detail: $"Removed for their age, or with their warehouse: saved reports ({removed:N0}).");
        }
    }

    private async Task<string> WarehouseAsync(long run, CancellationToken ct) =>
        (await runs.FindAsync(run, ct))?.Warehouse ?? throw SparkifyException.NotFound($"There is no run {run}.");

    // Taken out for its age in this moment, or never there.
    private static bool IsGone(IOException ex) => ex is DirectoryNotFoundException or FileNotFoundException;

    private string Folder(string warehouse, long run) => Path.Combine(Root, warehouse, $"run-{run}");

    private SavedReport Shown(string warehouse, FileInfo file)
    {
        var id = Path.GetFileNameWithoutExtension(file.Name);
        return new SavedReport(
            id, reports.Catalogue.FirstOrDefault(r => r.Id == id)?.Title ?? id, $"{warehouse}-{id}{Ending}", file.Length,
            new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnersFolder);
        }
    }
}
