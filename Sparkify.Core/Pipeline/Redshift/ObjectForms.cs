using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Looks at the first bytes of objects that a COPY is to read: it believes what it is told, and takes gzip for broken JSON.
/// </summary>
internal sealed class ObjectForms(IOptions<LoadOptions> options)
{
    /// <summary>
    /// The objects, with what they are; those that were packed are not looked at. Throws a sentence for one that can hold no record.
    /// </summary>
    public async Task<IReadOnlyList<LoadFile>> LookAsync(
        ISource source, SourcePart part, IReadOnlyList<LoadFile> files, CancellationToken ct)
    {
        ConcurrentDictionary<int, bool> gzip = [];
        await Parallel.ForEachAsync(
            files.Where(static f => f is { PackedInto: null, IsGzip: false, File.File.Bytes: > 0 }),
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.RemoteReaders, CancellationToken = ct },
            async (file, token) =>
            {
                await using var content = await source.OpenAsync(part, file.File.File, 0, token);
                var begin = new byte[FileForm.Needed];
                begin = begin[..await content.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, token)];
                if (FileForm.Problem(file.File.File.Name, begin) is { } problem)
                {
                    throw SparkifyException.Invalid(problem);
                }

                gzip[file.File.Id] = FileForm.IsGzip(begin);
            });
        return [.. files.Select(f => gzip.TryGetValue(f.File.Id, out var found) ? f with { IsGzip = found } : f)];
    }
}
