using Sparkify.Core.Common;
using Sparkify.Core.Sources.Folders;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Core.Sources;

/// <summary>The one door to sources of every kind.</summary>
internal sealed class SourceCatalog(SourceAccess access, SampleFolder samples) : ISources
{
    /// <inheritdoc/>
    public async Task<ISource> OpenAsync(SourceSpec spec, IProgress<SourcePreparation>? progress, CancellationToken ct) => spec switch
    {
        LocationSource locations => new FolderSource(locations, access),
        SampleSource sample => new FolderSource(await samples.PrepareAsync(sample, progress, ct), access),
        _ => throw SparkifyException.Invalid($"There is no source of the kind {spec.GetType().Name}."),
    };

    /// <inheritdoc/>
    public async Task<SourceReport> TestAsync(SourceSpec spec, CancellationToken ct) => spec switch
    {
        LocationSource locations => await TestAsync(locations, ct),
        SampleSource sample => SamplePreview.Report(sample, samples.PathOf(sample)),
        _ => throw SparkifyException.Invalid($"There is no source of the kind {spec.GetType().Name}."),
    };

    private async Task<SourceReport> TestAsync(LocationSource spec, CancellationToken ct)
    {
        FolderSource source;
        try
        {
            source = new FolderSource(spec, access);
        }
        catch (SparkifyException ex)
        {
            return Refused(spec, ex.Message);
        }

        var events = await SourceTest.PartAsync(source, SourcePart.Events, ct);
        var songs = await SourceTest.PartAsync(source, SourcePart.Songs, ct);
        (events, songs) = SourceTest.Recognise(events, songs);
        return new SourceReport(events, songs, await SourceTest.JsonPathsAsync(source, spec.JsonPaths, ct));
    }

    /// <summary>A report for locations that were refused before anything was looked at, with the sentence where it belongs.</summary>
    private SourceReport Refused(LocationSource spec, string both)
    {
        var events = Refusal(spec.Events, "events");
        var songs = Refusal(spec.Songs, "songs");
        var paths = string.IsNullOrWhiteSpace(spec.JsonPaths) ? null : Refusal(spec.JsonPaths, "JSONPaths");
        if (events is null && songs is null && paths is null)
        {
            events = both;
        }

        return new SourceReport(
            new SourcePartReport(spec.Events, null, null, false, [], events),
            new SourcePartReport(spec.Songs, null, null, false, [], songs),
            paths);
    }

    private string? Refusal(string location, string what)
    {
        try
        {
            access.Locate(location, what);
            return null;
        }
        catch (SparkifyException ex)
        {
            return ex.Message;
        }
    }
}
