using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Chains;

/// <summary>The run that saves reports as files: those its chain says, each in a step, streamed from the server to the disk.</summary>
internal sealed class ExportRun(IStore store, IReports reports, SavedReports files) : IRunDefinition
{
    private static readonly Dictionary<string, string?> Defaults = [];

    // A server that does not answer for so long, or that ends the export each time, will not be waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public RunKind Kind => RunKind.Export;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var chosen = await ChainRows.ReportsAsync(db, warehouse, ct) ?? throw ChainGate.WithoutChain(warehouse);
        return [.. chosen.Select(id =>
            new RunStep($"save-{id}", reports.Get(id).Title, (step, token) => SaveAsync(step, id, token)))];
    }

    public Task RefuseAsync(string warehouse, CancellationToken ct) => throw ChainGate.WithoutChain(warehouse);

    private async Task SaveAsync(StepContext step, string report, CancellationToken ct)
    {
        while (!await IsSavedAsync(step, report, ct))
        {
        }
    }

    // Gives whether it is; when not, the wait before the next try is over.
    private async Task<bool> IsSavedAsync(StepContext step, string report, CancellationToken ct)
    {
        step.Progress.Message = "Asking the warehouse";
        try
        {
            await using var rows = await reports.OpenCsvAsync(step.Warehouse, report, Defaults, mark: null, new Actor(step.Actor), ct);
            var file = await files.SaveAsync(
                step.Warehouse, step.Run, report, output => rows.WriteAsync(output, CsvForm.Raw, ct), ct);
            step.Progress.AddFiles(1);
            step.Progress.Message = file.FileName;
            step.Log($"Saved {file.FileName}, {file.Bytes:N0} bytes.");
            return true;
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.TooMany)
        {
            step.Progress.Message = "Waiting for a place among the queries and exports that run at once";
            await step.WaitAsync(ex.Wait, ct);
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.Unavailable && step.Elapsed < Patience)
        {
            step.Warn($"Not saved yet; it is tried again. {ex.Message}");
            step.Progress.Message = "Waiting for the warehouse to answer";
            await step.WaitAsync(ex.Wait, ct);
        }

        return false;
    }
}
