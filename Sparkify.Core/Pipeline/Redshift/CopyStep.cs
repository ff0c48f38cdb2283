using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Has the cluster read one part of the source into its staging table, and verifies that it has read exactly what was scanned.
/// </summary>
internal sealed class CopyStep(
    SourcePart part, ISources sources, CopyTargets targets, LoadFiles files, ObjectForms forms, LoadRecords records,
    IOptions<RecordOptions> options, IOptions<LoadOptions> limits, TimeProvider clock)
    : ILoadStep
{
    private readonly StarTable _table = RecordRules.TableOf(part);

    public string Name => $"stage-{part.Word()}";

    public string Title => $"Stage {part.Word()}";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var target = await targets.OpenAsync(load.Warehouse, part, load.Step.Run, ct);
        try
        {
            await CopyAsync(load, target, ct);
        }
        catch (SparkifyException)
        {
            await GiveUpAsync(load, target, ct);
            throw;
        }

        // Everything of this part is in the table.
        await target.Area.ClearAsync(part.Word(), ct);
    }

    // What was packed is deleted, so a retry reads the objects themselves; it must not take COPYs of the packed ones for its own.
    private async Task GiveUpAsync(LoadContext load, CopyTarget target, CancellationToken ct)
    {
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await RedshiftTables.RenewAsync(db, load.Build, ct);
        await files.UnpackAsync(load.Step.Run, ct);
        await target.Area.ClearAsync("", ct);
    }

    private async Task CopyAsync(LoadContext load, CopyTarget target, CancellationToken ct)
    {
        var source = await sources.OpenAsync(load.Warehouse.Source, progress: null, ct);
        var list = await forms.LookAsync(source, part, await files.ListAsync(load.Step.Run, part, ct), load.Step, ct);
        var input = await CopyInput.OpenAsync(target, part, source, list, records, load.Step, ct);
        await using var db = await load.Database.OpenConnectionAsync(ct);
        var build = await RedshiftTables.BuildOfAsync(db, load.Build, load.Step.Run, ct)
            ?? throw SparkifyException.Conflict("The build tables of this load are gone. Retry this run: it begins again at the scan.");

        var adopted = await AdoptAsync(load, input.Jobs, build, ct);
        if (adopted.Count == 0)
        {
            // Waits for a COPY that the books do not know yet, and removes what it leaves.
            await db.RunAsync($"delete from {load.Build}.{_table.Name}", ct);
            await LoadCounts.ForgetAsync(db, load.Build, part, ct);
        }

        var (staged, rejected) = (0L, 0L);
        foreach (var job in input.Jobs)
        {
            var query = adopted.GetValueOrDefault(job.Kind) ?? await RunAsync(load, input, job, build, rejected, ct);
            var done = await VerifyAsync(db, job, query, ct);
            staged += done.Rows;
            rejected += await input.KeepRejectsAsync(db, query.Query, ct);
        }

        if (FailedFiles.Problem(part, input.Failed, staged, limits.Value.MaxBadFiles, load.Addition is not null) is { } problem)
        {
            throw problem;
        }

        await FinishAsync(db, load, staged, rejected, ct);
        await records.SetFailedAsync(load.Step.Run, part, input.Failed.Count, ct);
        StagingReport.Rejects(load.Step, rejected, input.FileRejects);
        FailedFiles.Tell(load.Step, part, input.Failed);
    }

    private async Task<Dictionary<string, CopyQuery>> AdoptAsync(
        LoadContext load, IReadOnlyList<CopyJob> jobs, string build, CancellationToken ct)
    {
        Dictionary<string, CopyQuery> adopted = new(StringComparer.Ordinal);
        foreach (var job in jobs)
        {
            var runner = new CopyRunner(load.Database, load.Step, clock);
            if (await runner.AdoptAsync(CopyHistory.Label(load.Step.Run, Name, build, job.Kind), ct) is { } query)
            {
                adopted.Add(job.Kind, query);
            }
        }

        return adopted;
    }

    private async Task<CopyQuery> RunAsync(
        LoadContext load, CopyInput input, CopyJob job, string build, long rejected, CancellationToken ct)
    {
        var target = input.Target;
        var manifest = await input.ManifestAsync(job, ct);
        var limit = Math.Max(load.Warehouse.MaxRejects, 1);
        var statement = job.Statement(
            load.Build, _table, target, manifest, input.JsonPaths, (int)(limit - rejected), options.Value.TruncateColumns);
        var label = CopyHistory.Label(load.Step.Run, Name, build, job.Kind);
        load.Step.Log(
            $"COPY of {job.Objects.Count:N0} {(job.Kind == CopyJob.Plain ? "" : job.Kind + " ")}objects with the role {target.Role}.");
        try
        {
            return await new CopyRunner(load.Database, load.Step, clock).RunAsync(label, statement, ct);
        }
        catch (PostgresException e) when (!RunFailures.IsTransient(e))
        {
            await using var db = await load.Database.OpenConnectionAsync(ct);
            if (await CopyHistory.FindAsync(db, label, ct) is { } query && await input.KeepRejectsAsync(
                db, query.Query, ct) is > 0 and var met)
            {
                var last = (await CopyHistory.ErrorsAsync(db, query.Query, ct))[^1];
                throw SparkifyException.Invalid(
                    $"{rejected + met:N0} bad record{(rejected + met == 1 ? "" : "s")} met, and this load fails at {limit:N0}. The last one is in {last.File}, " +
                    $"line {last.Line}: {last.Message} Mend the source, or raise the warehouse's reject limit.", e);
            }

            throw CopyProblems.Sentence(e, target, part.Word());
        }
    }

    private async Task<CopyProgress> VerifyAsync(NpgsqlConnection db, CopyJob job, CopyQuery query, CancellationToken ct)
    {
        var done = await CopyHistory.ProgressAsync(db, query.Query, ct);
        var read = await CopyHistory.FilesAsync(db, query.Query, ct);
        return done is not null && done.SourceFiles == job.Objects.Count && done.Files == job.Objects.Count
            && read == job.Objects.Select(static o => CopyHistory.NameOf(o)).Distinct(StringComparer.Ordinal).Count() ? done
            : throw SparkifyException.Conflict(
                $"{job.Objects.Count:N0} objects of the {part.Word()} were listed, but the COPY (query {query.Query}) says it found {done?.SourceFiles ?? 0:N0} and read {done?.Files ?? 0:N0} of them. " +
                "Nothing was published. Load again.");
    }

    private async Task FinishAsync(NpgsqlConnection db, LoadContext load, long staged, long rejected, CancellationToken ct)
    {
        // Rows and counts come together: an earlier attempt had come as far as that.
        if (load.Addition is not null && await LoadCounts.FindAsync(db, load.Build, part, ct) is not null)
        {
            return;
        }

        var there = await db.ExecuteScalarAsync<long>(new CommandDefinition(
            $"select count(*) from {load.Build}.{_table.Name}", commandTimeout: 0, cancellationToken: ct));
        if (there != staged)
        {
            throw SparkifyException.Conflict(
                $"The COPYs say they loaded {staged:N0} rows, but {_table.Name} has {there:N0}: something else wrote to it. Nothing was published. Load again.");
        }

        if (load.Addition is { } addition)
        {
            await CarryAsync(db, load, addition, staged, rejected, ct);
        }
        else
        {
            await LoadCounts.SetAsync(db, load.Build, part, staged, rejected, ct);
        }

        await db.RunAsync($"analyze {load.Build}.{_table.Name}", ct);
        load.Step.Log($"Read {staged + rejected:N0} records: staged {staged:N0}, rejected {rejected:N0}.");
    }

    // The star is built anew from its records of before and the new ones; none of those is read once more.
    private async Task CarryAsync(
        NpgsqlConnection db, LoadContext load, RunAddition addition, long staged, long rejected, CancellationToken ct)
    {
        await using var transaction = await db.BeginTransactionAsync(ct);
        await LoadMark.EnsureHoldsAsync(db, load.Published, addition.Star, ct);
        var before = await LoadCounts.FindAsync(db, load.Published, part, ct) ?? (0, 0);
        var columns = string.Join(", ", _table.Columns.Select(static c => c.Name));
        await db.RunAsync(
            $"insert into {load.Build}.{_table.Name} ({columns}) select {columns} from {load.Published}.{_table.Name}", ct);
        await LoadCounts.AddAsync(db, load.Build, part, staged + before.Staged, rejected + before.Rejected, ct);
        await transaction.CommitAsync(ct);
        load.Step.Log($"Took over {before.Staged:N0} rows of the star of load {addition.Star}.");
    }
}
