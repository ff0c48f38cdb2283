using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Bench;

/// <summary>What a whole load is given.</summary>
/// <param name="Name">What it is, for the table.</param>
/// <param name="Folders">Where its files are.</param>
internal sealed record LoadInput(string Name, LocationSource Folders)
{
    /// <summary>As many songs as the Million Song Dataset's public subset has.</summary>
    public const int Songs = 14_896;

    /// <summary>
    /// Generated events, a file a day; and, given real logs, these repeated with shifted times as 30 large files and as thousands of small
    /// ones. All with the same generated catalogue.
    /// </summary>
    public static async Task<IReadOnlyList<LoadInput>> AllAsync(BenchArguments arguments, int events, CancellationToken ct)
    {
        using SampleFolder samples = new(Options.Create(new SparkifyOptions { DataDirectory = arguments.Directory }));
        var generated = await samples.PrepareAsync(new SampleSource(Events: events, Songs: Songs), progress: null, ct);
        List<LoadInput> all = [new("generated, 30 files", generated)];
        if (arguments.Logs is { } logs)
        {
            var days = await RealDays.ReadAsync(logs, ct);
            foreach (var files in new[] { 30, days.SmallFiles(events) })
            {
                var folder = await days.WriteAsync(arguments.Directory, events, files, ct);
                all.Add(new($"real days repeated, {files:N0} files", generated with { Events = folder }));
            }
        }

        return all;
    }
}
