using System.IO.Compression;
using System.Text.Json;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>What packing did.</summary>
/// <param name="Files">Where each packed file is.</param>
/// <param name="Parts">How many parts there are.</param>
/// <param name="BytesBefore">The packed files' size, as stored.</param>
/// <param name="BytesAfter">The parts' size.</param>
/// <param name="LeftOut">Files that stay as they are.</param>
internal sealed record Packed(IReadOnlyList<PackedFile> Files, int Parts, long BytesBefore, long BytesAfter, int LeftOut);

/// <summary>
/// Packs files into gzip parts, one after another in each part, several parts at once and many downloads ahead. Only files that are whole
/// JSON objects are packed: in a part, a broken one would spoil what comes after it.
/// </summary>
internal sealed class Packer(ISource source, SourcePart part, StagingArea area, StepProgress progress, LoadOptions options)
{
    private const long LargestFile = 4 * 1024 * 1024;
    private const int LargestContent = 16 * 1024 * 1024;
    private const long LargestPart = 256 * 1024 * 1024;

    /// <summary>Packs what can be packed into a multiple of so many parts as the cluster reads at once.</summary>
    public async Task<Packed> PackAsync(IReadOnlyList<NumberedFile> files, int slices, CancellationToken ct)
    {
        var small = files.Where(static f => f.File.Bytes is > 0 and <= LargestFile).ToList();
        var groups = Split(
            small, slices * (int)Math.Max(1, Math.Ceiling(small.Sum(static f => f.File.Bytes) / (double)(slices * LargestPart))));
        var atOnce = Math.Min(groups.Count, Environment.ProcessorCount);
        var done = new Packed[groups.Count];
        await Parallel.ForEachAsync(
            groups.Index(), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct },
            async (group, token) =>
                done[group.Index] = await PartAsync(group.Index, group.Item, Math.Max(1, options.RemoteReaders / atOnce), token));
        return new Packed(
            [.. done.SelectMany(static d => d.Files)], done.Sum(static d => d.Parts),
            done.Sum(static d => d.BytesBefore), done.Sum(static d => d.BytesAfter), files.Count - done.Sum(static d => d.Files.Count));
    }

    // Neighbours stay together; each group is about as large as the others.
    private static List<List<NumberedFile>> Split(List<NumberedFile> files, int parts)
    {
        var size = (files.Sum(static f => f.File.Bytes) + parts - 1) / parts;
        List<List<NumberedFile>> groups = [[]];
        var room = size;
        foreach (var file in files)
        {
            if (room <= 0 && groups.Count < parts)
            {
                groups.Add([]);
                room += size;
            }

            groups[^1].Add(file);
            room -= file.File.Bytes;
        }

        return groups;
    }

    private async Task<Packed> PartAsync(int number, List<NumberedFile> files, int ahead, CancellationToken ct)
    {
        var name = $"{part.Word()}-{number:D4}.gz";
        List<PackedFile> packed = [];
        var (line, before) = (1L, 0L);
        // On disk, because a part may be larger than what memory is there; gone with the last handle.
        await using var content = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        await using (var gzip = new GZipStream(content, CompressionLevel.Fastest, leaveOpen: true))
        {
            await foreach (var (file, bytes) in ContentsAsync(files, ahead, ct))
            {
                progress.AddFiles(1);
                progress.AddBytes(file.File.Bytes);
                if (bytes is not { } whole)
                {
                    continue;
                }

                packed.Add(new PackedFile(file.Id, name, line));
                before += file.File.Bytes;
                await gzip.WriteAsync(whole, ct);
                line += whole.Span.Count((byte)'\n');
                if (whole.Length > 0 && whole.Span[^1] != '\n')
                {
                    gzip.WriteByte((byte)'\n');
                    line++;
                }
            }
        }

        if (packed.Count == 0)
        {
            return new Packed([], 0, 0, 0, 0);
        }

        var size = content.Length;
        content.Position = 0;
        await area.PutAsync(name, content, ct);
        return new Packed(packed, 1, before, size, 0);
    }

    // In order, with several downloads under way.
    private async IAsyncEnumerable<(NumberedFile File, ReadOnlyMemory<byte>? Content)> ContentsAsync(
        List<NumberedFile> files, int ahead, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Queue<(NumberedFile File, Task<ReadOnlyMemory<byte>?> Content)> underWay = new();
        try
        {
            foreach (var file in files)
            {
                if (underWay.Count == ahead)
                {
                    var (first, reading) = underWay.Dequeue();
                    yield return (first, await reading);
                }

                underWay.Enqueue((file, ReadAsync(file.File, stop.Token)));
            }

            while (underWay.TryDequeue(out var next))
            {
                yield return (next.File, await next.Content);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(underWay.Select(static u => (Task)u.Content)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A file's content, uncompressed; none when it cannot be packed.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadAsync(SourceFile file, CancellationToken ct)
    {
        // What can hold no record was refused when the source was scanned.
        await using var stored = await WholeGzip.UnpackAsync(file.Name, await source.OpenAsync(part, file, 0, ct), ct);
        using var content = new MemoryStream((int)file.Bytes);
        try
        {
            await stored.CopyToAsync(content, ct);
        }
        catch (InvalidDataException)
        {
            return null; // the COPY of the object itself says what is wrong with it
        }

        // Also without the line ends that tell a whole gzip file.
        ReadOnlyMemory<byte> whole = content.GetBuffer().AsMemory(0, (int)content.Length).TrimEnd((byte)'\n');
        whole = whole.Span.StartsWith("\uFEFF"u8) ? whole[3..] : whole;
        if (whole.Length > LargestContent || !IsWholeJson(whole.Span))
        {
            return null;
        }

        return whole;
    }

    private static bool IsWholeJson(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = RecordLimits.MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return false;
                }

                reader.Skip();
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
