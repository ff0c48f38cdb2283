using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;

namespace Sparkify.Tests.Fakes;

/// <summary>Tests of sources that find what a test says. Opening one throws: pages never do.</summary>
internal sealed class FakeSources : ISources
{
    /// <summary>What may be described: no folder and no bucket is allowed to anybody but administrators.</summary>
    public static SourceAccess Access { get; } = new(Options.Create(new SourceOptions()), Options.Create(new SparkifyOptions()));

    public ConcurrentQueue<SourceSpec> Tested { get; } = new();

    /// <summary>What a test of a source finds; without it testing throws.</summary>
    public Func<SourceSpec, SourceReport>? OnTest { get; set; }

    public static SourceReport Good { get; } = new(
        new("/data/log_data", 30, 4_800_000, false, ["""{"artist":"Muse","page":"NextSong"}"""], null),
        new("/data/song_data", 71, 18_000, false, ["""{"song_id":"SOUPIRU12A6D4FA1E1"}"""], null), null);

    public Task<ISource> OpenAsync(SourceSpec spec, IProgress<SourcePreparation>? progress, CancellationToken ct) =>
        throw new InvalidOperationException("A page has no business opening a source.");

    public async Task<SourceReport> TestAsync(SourceSpec spec, CancellationToken ct)
    {
        var test = OnTest ?? throw new InvalidOperationException($"Nobody told this fake what a test of {spec} finds.");
        Tested.Enqueue(spec);
        await Task.Yield();
        return test(spec);
    }
}
