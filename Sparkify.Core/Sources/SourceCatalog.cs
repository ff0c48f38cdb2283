using Sparkify.Core.Common;
using Sparkify.Core.Sources.Folders;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Core.Sources;

/// <summary>The one door to sources of every kind.</summary>
internal sealed class SourceCatalog(SourceAccess access, S3Buckets buckets, SampleFolder samples) : ISources
{
    /// <inheritdoc/>
    public async Task<ISource> OpenAsync(SourceSpec spec, IProgress<SourcePreparation>? progress, CancellationToken ct) => spec switch
    {
        LocationSource locations => Open(locations),
        SampleSource sample => Open(await samples.PrepareAsync(sample, progress, ct)),
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
        ISource source;
        try
        {
            source = Open(spec);
        }
        catch (SparkifyException ex)
        {
            return Refused(spec, ex.Message);
        }

        var events = await SourceTest.PartAsync(source, SourcePart.Events, ct);
        var songs = await SourceTest.PartAsync(source, SourcePart.Songs, ct);
        (events, songs) = SourceTest.Recognise(events, songs);
        return new SourceReport(events, songs, await SourceTest.JsonPathsAsync(source, ct));
    }

    /// <summary>A report for locations that were refused before anything was looked at, with the sentence where it belongs.</summary>
    private SourceReport Refused(LocationSource spec, string both)
    {
        var events = Refusal(() => Folder(spec, spec.Events, "events"));
        var songs = Refusal(() => Folder(spec, spec.Songs, "songs"));
        var paths = Refusal(() => JsonPaths(spec));
        if (events is null && songs is null && paths is null)
        {
            events = both;
        }

        return new SourceReport(
            new SourcePartReport(spec.Events, null, null, false, [], events),
            new SourcePartReport(spec.Songs, null, null, false, [], songs),
            paths);
    }

    private LocationsSource Open(LocationSource spec) =>
        new(Folder(spec, spec.Events, "events"), Folder(spec, spec.Songs, "songs"), JsonPaths(spec));

    private ILocation Folder(LocationSource spec, string typed, string what) => S3Path.Is(typed)
        ? new S3Location(S3Path.Parse(typed, what), what, spec.Place, buckets)
        : new FolderLocation(typed, what, access);

    private ILocation? JsonPaths(LocationSource spec)
    {
        const string What = "JSONPaths";
        return string.IsNullOrWhiteSpace(spec.JsonPaths) ? null
            : S3Path.Is(spec.JsonPaths) ? new S3Location(S3Path.Parse(spec.JsonPaths, What), What, spec.Place, buckets)
            : new FolderLocation(spec.JsonPaths, What, access);
    }

    private static string? Refusal(Func<ILocation?> open)
    {
        try
        {
            open();
            return null;
        }
        catch (SparkifyException ex)
        {
            return ex.Message;
        }
    }
}
