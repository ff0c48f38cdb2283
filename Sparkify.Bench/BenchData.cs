using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Folders;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Bench;

/// <summary>Generated files, opened as the application opens them.</summary>
/// <param name="Source">Reads them.</param>
/// <param name="Part">Which part of it is meant.</param>
/// <param name="Files">All of them.</param>
internal sealed record BenchData(ISource Source, SourcePart Part, IReadOnlyList<NumberedFile> Files)
{
    public long Bytes => Files.Sum(f => f.File.Bytes);

    /// <summary>Real-shaped events, a file a day for a month; kept for the next time.</summary>
    public static Task<BenchData> EventsAsync(string directory, int events, CancellationToken ct) =>
        OpenAsync(directory, new SampleSource(Events: events, Songs: 1), SourcePart.Events, ct);

    /// <summary>Songs, one object to a file.</summary>
    public static Task<BenchData> SongsAsync(string directory, int songs, CancellationToken ct) =>
        OpenAsync(directory, new SampleSource(Songs: songs), SourcePart.Songs, ct);

    private static async Task<BenchData> OpenAsync(string directory, SampleSource sample, SourcePart part, CancellationToken ct)
    {
        var options = Options.Create(new SparkifyOptions { DataDirectory = directory });
        using SampleFolder samples = new(options);
        SourceAccess access = new(Options.Create(new SourceOptions()), options);
        var folders = await samples.PrepareAsync(sample, progress: null, ct);
        LocationsSource source = new(
            new FolderLocation(folders.Events, "events", access, SourceTrust.Sample),
            new FolderLocation(folders.Songs, "songs", access, SourceTrust.Sample), jsonPaths: null);
        List<NumberedFile> files = [];
        await foreach (var file in source.ListAsync(part, ct))
        {
            files.Add(new NumberedFile(files.Count + 1, file));
        }

        return new BenchData(source, part, files);
    }
}
