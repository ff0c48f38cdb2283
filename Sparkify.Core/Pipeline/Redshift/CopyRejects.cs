using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Turns the errors of COPYs into rejects: with the original file, also of packed records, and the record itself, fetched from S3.
/// </summary>
internal sealed class CopyRejects
{
    private readonly ISource _source;
    private readonly SourcePart _part;
    private readonly StarTable _table;
    private readonly Dictionary<string, SourceFile> _direct = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<LoadFile>> _packed = new(StringComparer.Ordinal);

    public CopyRejects(ISource source, SourcePart part, IReadOnlyList<LoadFile> files, S3Path data, Func<string, S3Path> packed)
    {
        (_source, _part, _table) = (source, part, RecordRules.TableOf(part));
        foreach (var file in files)
        {
            if (file.PackedInto is null)
            {
                _direct[CopyHistory.NameOf(data.Below(file.File.File.Name))] = file.File.File;
            }
        }

        foreach (var parts in files.Where(static f => f.PackedInto is not null).GroupBy(static f => f.PackedInto!))
        {
            _packed[CopyHistory.NameOf(packed(parts.Key))] = [.. parts.OrderBy(static f => f.PackedLine)];
        }
    }

    /// <summary>The rejects, file by file.</summary>
    public async IAsyncEnumerable<IReadOnlyList<StagingReject>> ReadAsync(
        IReadOnlyList<CopyError> errors, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var file in errors.Select(e => (Error: e, Place: PlaceOf(e))).GroupBy(static e => e.Place.File))
        {
            var (lines, problem) = await LinesAsync(file.Key, file.Select(static e => e.Place.Line), ct);
            yield return
            [
                .. file.Select(e => lines.GetValueOrDefault(e.Place.Line) is var line
                    ? new StagingReject(
                        file.Key.Name, e.Place.Line, line?.Offset ?? 0, ColumnOf(e.Error), ReasonOf(e.Error), line?.Text ?? problem)
                    : throw new System.Diagnostics.UnreachableException()),
            ];
        }
    }

    private (SourceFile File, long Line) PlaceOf(CopyError error)
    {
        if (_packed.TryGetValue(error.File, out var files))
        {
            var file = files.Last(f => f.PackedLine <= Math.Max(error.Line, 1));
            return (file.File.File, Math.Max(error.Line, 1) - file.PackedLine!.Value + 1);
        }

        // What is not known is shown under the name it has in the books.
        return (_direct.GetValueOrDefault(error.File) ?? new SourceFile(error.File, 0, default), error.Line);
    }

    private async Task<(IReadOnlyDictionary<long, RecordLine> Lines, string Problem)> LinesAsync(
        SourceFile file, IEnumerable<long> lines, CancellationToken ct)
    {
        try
        {
            await using var content = await WholeGzip.UnpackAsync(file.Name, await _source.OpenAsync(_part, file, 0, ct), ct);
            return (await RecordLines.ReadAsync(content, lines, ct), "");
        }
        catch (Exception e) when (e is SparkifyException or InvalidDataException)
        {
            // The reject counts all the same; what it looked like cannot be shown.
            return (new Dictionary<long, RecordLine>(), $"(The record cannot be shown: {e.Message})");
        }
    }

    private string? ColumnOf(CopyError error) => _table.Columns.FirstOrDefault(c => c.Name == error.Column)?.Name;

    private string ReasonOf(CopyError error)
    {
        var key = _table.Columns.FirstOrDefault(c => c.Name == error.Column)?.JsonKey;
        return $"{(key is null ? "" : $"{key}: ")}{error.Message.TrimEnd('.', ' ')} (Redshift's code {error.Code}).";
    }
}
