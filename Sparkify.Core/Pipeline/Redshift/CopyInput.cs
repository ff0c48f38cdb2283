using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>What the COPYs of one part read, and what becomes of the records they cannot take.</summary>
internal sealed class CopyInput
{
    private const string Array =
        "This file is one JSON array, which COPY takes for a single record, so none of it was loaded: write one object per line, without brackets and commas around them.";

    private readonly SourcePart _part;
    private readonly CopyRejects _rejects;
    private readonly LoadRecords _records;
    private readonly long _run;
    private readonly IReadOnlyList<StagingReject> _arrays;

    private CopyInput(
        CopyTarget target, SourcePart part, ISource source, IReadOnlyList<LoadFile> files, S3Path jsonPaths, LoadRecords records, long run)
    {
        (Target, JsonPaths, _part, _records, _run) = (target, jsonPaths, part, records, run);
        _arrays =
        [
            .. files.Where(static f => f is { IsArray: true, PackedInto: null })
                .Select(static f => new StagingReject(f.File.File.Name, 1, 0, null, Array, "[") { OfFile = true }),
        ];
        Jobs = CopyJob.Of([.. files.Where(static f => !f.IsArray || f.PackedInto is not null)], target.Data, target.Area.PathOf);
        _rejects = new CopyRejects(source, part, files, target.Data, target.Area.PathOf);
    }

    /// <summary>Where it takes place.</summary>
    public CopyTarget Target { get; }

    /// <summary>Where the JSONPaths file is.</summary>
    public S3Path JsonPaths { get; }

    /// <summary>The COPYs.</summary>
    public IReadOnlyList<CopyJob> Jobs { get; }

    /// <summary>Files of which nothing was loaded, as far as the COPYs have come; arrays, which none of them reads, come first.</summary>
    public IReadOnlyList<FailedFile> Failed =>
        [.. _arrays.Select(static a => new FailedFile(a.File, 1, a.Line, a.Reason)), .. _rejects.Failed];

    /// <summary>How many rejects are about a file and no record of it.</summary>
    public long FileRejects => _arrays.Count;

    /// <summary>Prepares a part; what earlier attempts rejected is forgotten.</summary>
    public static async Task<CopyInput> OpenAsync(
        CopyTarget target, SourcePart part, ISource source, IReadOnlyList<LoadFile> files, LoadRecords records, StepContext step,
        CancellationToken ct)
    {
        var input = new CopyInput(target, part, source, files, await JsonPathsAsync(target, part, source, ct), records, step.Run);
        step.Progress.Expect(input.Jobs.Sum(static j => j.Bytes), input.Jobs.Sum(static j => (long)j.Objects.Count));
        step.Progress.AddRows(0);
        step.Progress.AddRejects(input._arrays.Count);
        await records.ClearRejectsAsync(step.Run, part, ct);
        await records.AddRejectsAsync(step.Run, part, input._arrays, ct);
        return input;
    }

    /// <summary>Writes a COPY's manifest.</summary>
    public async Task<S3Path> ManifestAsync(CopyJob job, CancellationToken ct)
    {
        await using var content = job.Manifest();
        return await Target.Area.PutAsync($"{_part.Word()}-{job.Kind}.manifest", content, ct);
    }

    /// <summary>Keeps the rejects of a COPY; gives how many there are.</summary>
    public async Task<long> KeepRejectsAsync(NpgsqlConnection db, long query, CancellationToken ct)
    {
        var errors = await CopyHistory.ErrorsAsync(db, query, ct);
        await foreach (var batch in _rejects.ReadAsync(errors, ct))
        {
            await _records.AddRejectsAsync(_run, _part, batch, ct);
        }

        return errors.Count;
    }

    // Redshift quietly matches by name instead when the file's key is misspelled, which would load NULLs: so we read it first.
    private static async Task<S3Path> JsonPathsAsync(CopyTarget target, SourcePart part, ISource source, CancellationToken ct)
    {
        if (target.JsonPaths is { } given)
        {
            await RecordRules.OfAsync(source, part, truncate: false, ct);
            return given;
        }

        await using var own = CopyJob.JsonPaths(RecordRules.TableOf(part));
        return await target.Area.PutAsync($"{part.Word()}.jsonpaths", own, ct);
    }
}
