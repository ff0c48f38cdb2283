using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
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
    private const int InvalidDigit = 1207;

    private readonly ISource _source;
    private readonly SourcePart _part;
    private readonly StarTable _table;
    private readonly Dictionary<string, SourceFile> _direct = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<LoadFile>> _packed = new(StringComparer.Ordinal);
    private readonly IntegralFloats _floats;
    private readonly List<FailedFile> _failed = [];

    public CopyRejects(ISource source, SourcePart part, IReadOnlyList<LoadFile> files, S3Path data, Func<string, S3Path> packed)
    {
        (_source, _part, _table) = (source, part, RecordRules.TableOf(part));
        _floats = new IntegralFloats(_table);
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

    /// <summary>Of the files whose rejects were read, those without one good record.</summary>
    public IReadOnlyList<FailedFile> Failed => _failed;

    /// <summary>The rejects, file by file.</summary>
    public async IAsyncEnumerable<IReadOnlyList<StagingReject>> ReadAsync(
        IReadOnlyList<CopyError> errors, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var file in errors.Select(e => (Error: e, Place: PlaceOf(e))).GroupBy(static e => e.Place.File))
        {
            var (lines, problem) = await LinesAsync(file.Key, file.Select(static e => e.Place.Line), ct);
            List<StagingReject> rejects =
            [
                .. file.Select(e => lines.GetValueOrDefault(e.Place.Line) is var line
                    ? new StagingReject(
                        file.Key.Name, e.Place.Line, line?.Offset ?? 0, ColumnOf(e.Error), ReasonOf(e.Error, line?.Text),
                        line?.Text ?? problem)
                    : throw new System.Diagnostics.UnreachableException()),
            ];
            if (await IsLostAsync(file.Key, rejects.Count, ct))
            {
                _failed.Add(new FailedFile(file.Key.Name, rejects.Count, rejects[0].Line, rejects[0].Reason));
            }

            yield return rejects;
        }
    }

    // The cluster's books tell what it could not load of a file, and not what it could: so the file's records are counted, up to one more
    // than those. That is no more than there are rejects in all.
    private async Task<bool> IsLostAsync(SourceFile file, int rejects, CancellationToken ct)
    {
        if (file.Bytes == 0)
        {
            return false; // of that name nothing is known
        }

        var met = 0;
        try
        {
            var parser = RecordReader.NewParser(RecordRules.ByName(_part));
            await foreach (var record in RecordReader.ReadAsync(_source, _part, file, parser, ct))
            {
                if (record.Reject is { OfFile: true })
                {
                    return true; // an array, which a COPY takes for one record
                }

                if (++met > rejects)
                {
                    return false;
                }
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return true; // damaged before a record was met that the COPY did not reject
        }
        catch (Exception e) when (e is SparkifyException or IOException)
        {
            return false; // not to be read by us, so nothing can be said
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

    private string ReasonOf(CopyError error, string? line)
    {
        var key = _table.Columns.FirstOrDefault(c => c.Name == error.Column)?.JsonKey;
        var said = $"{(key is null ? "" : $"{key}: ")}{error.Message.TrimEnd('.', ' ')} (Redshift's code {error.Code}).";
        return error.Code == InvalidDigit && key is not null && line is not null && _floats.Find(line, key) is { } number
            ? $"{said} \"{number}\" is an integral float as text, in which COPY takes no decimal point: write {IntegralFloats.Whole(number)}."
            : said;
    }
}
