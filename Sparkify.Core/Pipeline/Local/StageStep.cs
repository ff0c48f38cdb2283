using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Passing;
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

    // One for each worker, those of what is made in passing, and the step's own.
    public int Connections => 1 + stager.Connections + (part == SourcePart.Events ? InPassing.Connections : 0);

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
        await using var passing = part == SourcePart.Events && load.Addition is null ? await PassingAsync(db, load, ct) : null;
        var job = new StagingJob(
            source, part, await LocalTables.FilesAsync(db, $"{load.Build}.{LocalTables.Files}", part, ct), qualified, load.Database,
            load.Warehouse.MaxRejects)
        {
            Passing = passing,
        };
        var result = await stager.StageAsync(
            job, load.Step.Progress, (batch, token) => records.AddRejectsAsync(load.Step.Run, part, batch, token), ct);
        if (FailedFiles.Problem(part, result.Failed, result.Staged, options.Value.MaxBadFiles, load.Addition is not null) is { } problem)
        {
            throw problem;
        }

        await LoadCounts.SetAsync(db, load.Build, part, result.Staged, result.Rejected, ct);
        await records.SetFailedAsync(load.Step.Run, part, result.Failed.Count, ct);
        if (passing is not { LeftToServer.Count: 0 })
        {
            // What the server builds from it, it plans by what it knows of it.
            await db.ExecuteAsync(new CommandDefinition(PostgresDdl.Analyze(table, qualified), commandTimeout: 0, cancellationToken: ct));
        }

        StagingReport.Write(load.Step, part, result);
        if (passing is not null)
        {
            Tell(passing, load);
        }
    }

    /// <summary>What makes something of the events in passing.</summary>
    private async Task<InPassing> PassingAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        // An earlier attempt's: what fills a table anew, here or in its own step, knows by its absence.
        foreach (var table in new[] { StarSchema.Songplays.Name, StarSchema.Time.Name, LatestEvents.Name })
        {
            await db.ExecuteAsync(new CommandDefinition($"drop table if exists {load.Build}.{table} cascade", cancellationToken: ct));
        }

        var budget = new MemoryBudget(options.Value.InPassingBytes);
        return new InPassing(
            load.Database, load.Build, await PlayCatalogue.ReadAsync(db, LoadSql.Postgres.Catalogue(load.Build), budget, ct), budget);
    }

    private void Tell(InPassing passing, LoadContext load)
    {
        if (passing.LeftToServer is { Count: > 0 } left)
        {
            load.Step.Log(
                $"Building {string.Join(" and ", left.Select(static t => t.Name))} in passing would take more than {options.Value.InPassingBytes:N0} bytes of memory " +
                $"({LoadOptions.Section}:{nameof(LoadOptions.InPassingBytes)}), so the server builds from the staged events.");
        }
    }
}
