using Dapper;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>Streams one part of the source into its staging table.</summary>
internal sealed class StageStep(SourcePart part, ISources sources, IStager stager, LoadRecords records, IOptions<LoadOptions> options)
    : ILoadStep
{
    public string Name => $"stage-{part.Word()}";

    public string Title => $"Stage {part.Word()}";

    public int Connections => 1 + stager.Connections;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var table = RecordRules.TableOf(part);
        var source = await sources.OpenAsync(load.Warehouse.Source, progress: null, ct);
        var qualified = $"{load.Build}.{table.Name}";
        await records.ClearRejectsAsync(load.Step.Run, part, ct);
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Build, load.Step.Run, ct);
        await db.ExecuteAsync(new CommandDefinition(PostgresDdl.EmptyStaging(table, qualified), cancellationToken: ct));
        load.Step.Progress.AddRejects(0); // known from the start, unlike what a step that meets no records would show
        var job = new StagingJob(
            source, part, await LocalTables.FilesAsync(db, load.Build, part, ct), qualified, load.Database, load.Warehouse.MaxRejects);
        var result = await stager.StageAsync(
            job, load.Step.Progress, (batch, token) => records.AddRejectsAsync(load.Step.Run, part, batch, token), ct);
        if (FailedFiles.Problem(part, result.Failed, result.Staged, options.Value.MaxBadFiles) is { } problem)
        {
            throw problem;
        }

        await LoadCounts.SetAsync(db, load.Build, part, result.Staged, result.Rejected, ct);
        await records.SetFailedAsync(load.Step.Run, part, result.Failed.Count, ct);
        await db.ExecuteAsync(new CommandDefinition($"analyze {qualified}", commandTimeout: 0, cancellationToken: ct));
        StagingReport.Write(load.Step, part, result);
    }
}
