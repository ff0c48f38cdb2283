using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Looks at the first bytes of objects that a COPY is to read: it believes what it is told, and takes gzip for broken JSON and an array for
/// one record.
/// </summary>
internal sealed class ObjectForms(IOptions<LoadOptions> options)
{
    /// <summary>
    /// The objects, with what they are; those that were packed are not looked at. Throws a sentence for one that can hold no record.
    /// </summary>
    public async Task<IReadOnlyList<LoadFile>> LookAsync(
        ISource source, SourcePart part, IReadOnlyList<LoadFile> files, StepContext step, CancellationToken ct)
    {
        ConcurrentDictionary<int, (bool IsGzip, bool IsArray)> forms = [];
        ConcurrentBag<string> unseen = [];
        await Parallel.ForEachAsync(
            files.Where(static f => f is { PackedInto: null, IsGzip: false, File.File.Bytes: > 0 }),
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.RemoteReaders, CancellationToken = ct },
            async (file, token) =>
            {
                try
                {
                    await using var content = await source.OpenAsync(part, file.File.File, 0, token);
                    var begin = await FileForm.BeginAsync(content, token, FileForm.Telling);
                    forms[file.File.Id] = (
                        FileForm.IsGzip(file.File.File.Name, begin), FileForm.LayoutOf(begin) == FileLayout.Array);
                }
                catch (SparkifyException e) when (e.InnerException is AwsException { Fault: AwsFault.Denied or AwsFault.Missing })
                {
                    unseen.Add(e.Message); // the cluster's role may see it, and if not, the COPY says so
                }
            });
        if (unseen.TryPeek(out var example))
        {
            step.Warn($"{unseen.Count:N0} objects could not be looked into, so their names are believed. The last one: {example}");
        }

        return
        [
            .. files.Select(f => forms.TryGetValue(f.File.Id, out var found)
                ? f with { IsGzip = found.IsGzip, IsArray = found.IsArray }
                : f),
        ];
    }
}
