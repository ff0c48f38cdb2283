using Dapper;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Steps;

/// <summary>Streams one part of the source into its staging table.</summary>
internal sealed class StageStep(SourcePart part, StagingTable table, ISources sources, IStager stager, LoadRecords records) : ILoadStep
{
    public string Name => $"stage-{LoadTables.Word(part)}";

    public string Title => $"Stage {LoadTables.Word(part)}";

    public int Connections => 1 + stager.Connections;

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var source = await sources.OpenAsync(load.Warehouse.Source, progress: null, ct);
        var qualified = $"{Schemas.Build}.{table.Name}";
        await records.ClearRejectsAsync(load.Step.Run, part, ct);
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await LoadTables.EnsureHoldsAsync(db, load.Step.Run, ct);
        var columns = string.Join(", ", table.Columns.Select(c => $"{c.Name} {c.SqlType}"));
        // Unlogged: half the writing. Should the server crash, the build is begun again; publishing makes the tables durable.
        await db.ExecuteAsync(new CommandDefinition(
            $"drop table if exists {qualified}; create unlogged table {qualified} ({columns}, file_id integer, line bigint)", cancellationToken: ct));
        load.Step.Progress.AddRejects(0); // known from the start, unlike what a step that meets no records would show
        var job = new StagingJob(
            source, part, await LoadTables.FilesAsync(db, part, ct), table, qualified, load.Database, load.Warehouse.MaxRejects);
        var result = await stager.StageAsync(
            job, load.Step.Progress, (batch, token) => records.AddRejectsAsync(load.Step.Run, part, batch, token), ct);
        await LoadTables.CountAsync(db, part, result, ct);
        await db.ExecuteAsync(new CommandDefinition($"analyze {qualified}", commandTimeout: 0, cancellationToken: ct));
        StagingReport.Write(load.Step, table, result);
    }
}
