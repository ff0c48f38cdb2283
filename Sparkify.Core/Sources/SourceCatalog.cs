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
        SampleSource sample => Open(await samples.PrepareAsync(sample, progress, ct), SourceTrust.Sample),
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
        var events = Refusal(() => At(spec, spec.Events, "events", TrustOf(spec)));
        var songs = Refusal(() => At(spec, spec.Songs, "songs", TrustOf(spec)));
        var paths = Refusal(() => JsonPaths(spec, TrustOf(spec)));
        if (events is null && songs is null && paths is null)
        {
            events = both;
        }

        return new SourceReport(
            new SourcePartReport(spec.Events, null, null, false, [], events),
            new SourcePartReport(spec.Songs, null, null, false, [], songs),
            paths);
    }

    private LocationsSource Open(LocationSource spec) => Open(spec, TrustOf(spec));

    private LocationsSource Open(LocationSource spec, SourceTrust trust) =>
        new(At(spec, spec.Events, "events", trust), At(spec, spec.Songs, "songs", trust), JsonPaths(spec, trust));

    private static SourceTrust TrustOf(LocationSource spec) => spec.Vouched ? SourceTrust.Vouched : SourceTrust.Listed;

    private ILocation At(LocationSource spec, string typed, string what, SourceTrust trust)
    {
        if (!S3Path.Is(typed))
        {
            return new FolderLocation(typed, what, access, trust);
        }

        var path = S3Path.Parse(typed, what);
        if (!spec.Simulated)
        {
            access.DemandBucket(path.Bucket, trust);
        }

        return new S3Location(path, what, spec.Place, buckets);
    }

    private ILocation? JsonPaths(LocationSource spec, SourceTrust trust) =>
        string.IsNullOrWhiteSpace(spec.JsonPaths) ? null : At(spec, spec.JsonPaths, "JSONPaths", trust);

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
