using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>Has the cluster read a part as a load would, without loading it (<c>NOLOAD</c>).</summary>
internal sealed class RedshiftCheck(
    CopyTargets targets, ObjectForms forms, LoadRecords records, IOptions<RecordOptions> options, TimeProvider clock)
{
    /// <summary>Checks the files.</summary>
    public async Task<CheckedPart> CheckAsync(
        LoadContext load, SourcePart part, ISource source, IReadOnlyList<NumberedFile> files, CancellationToken ct)
    {
        var target = await targets.OpenAsync(load.Warehouse, part, load.Step.Run, ct);
        var objects = await forms.LookAsync(source, part, [.. files.Select(static f => new LoadFile(f, null, null))], load.Step, ct);
        var input = await CopyInput.OpenAsync(target, part, source, objects, records, load.Step, ct);
        await using var db = await load.Database.OpenConnectionAsync(ct);
        // The table tells the types; a warehouse that was never loaded has none yet.
        foreach (var create in RedshiftTables.Ddl(load.Build))
        {
            await db.RunAsync(create, ct);
        }

        var (good, bad) = (0L, 0L);
        var build = Guid.NewGuid().ToString("N");
        foreach (var job in input.Jobs)
        {
            var label = CopyHistory.Label(load.Step.Run, $"check-{part.Word()}", build, job.Kind);
            var statement = job.Statement(
                load.Build, RecordRules.TableOf(part), target, await input.ManifestAsync(job, ct), input.JsonPaths, RejectLimits.Most,
                options.Value.TruncateColumns) + " noload";
            try
            {
                var query = await new CopyRunner(load.Database, load.Step, clock).RunAsync(label, statement, ct);
                good += (await CopyHistory.ProgressAsync(db, query.Query, ct))?.Rows ?? 0;
                bad += await input.KeepRejectsAsync(db, query.Query, ct);
            }
            catch (PostgresException e) when (!RunFailures.IsTransient(e))
            {
                throw CopyProblems.Sentence(e, target, part.Word());
            }
        }

        await target.Area.ClearAsync(part.Word(), ct);
        StagingReport.Rejects(load.Step, bad, input.FileRejects);
        FailedFiles.Tell(load.Step, part, input.Failed);
        return new CheckedPart(good + bad, bad, input.FileRejects, input.Failed);
    }
}
