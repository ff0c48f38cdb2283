using Sparkify.Core.Common;

namespace Sparkify.Core.Sources;

/// <summary>Two locations and perhaps a JSONPaths file, each wherever it is.</summary>
internal sealed class LocationsSource : ISource
{
    private readonly ILocation _events;
    private readonly ILocation _songs;
    private readonly ILocation? _jsonPaths;

    /// <summary>Refuses locations of which one holds the other.</summary>
    public LocationsSource(ILocation events, ILocation songs, ILocation? jsonPaths)
    {
        (_events, _songs, _jsonPaths) = (events, songs, jsonPaths);
        RefuseOverlap();
    }

    /// <inheritdoc/>
    public string Location(SourcePart part) => At(part).Text;

    /// <inheritdoc/>
    public bool IsRemote(SourcePart part) => At(part).IsRemote;

    /// <inheritdoc/>
    public IAsyncEnumerable<SourceFile> ListAsync(SourcePart part, CancellationToken ct, LeftOutTally? leftOut = null) =>
        At(part).ListAsync(_jsonPaths, leftOut ?? new LeftOutTally(), ct);

    /// <inheritdoc/>
    public Task<SourceFile?> FindAsync(SourcePart part, string name, CancellationToken ct) => At(part).FindAsync(_jsonPaths, name, ct);

    /// <inheritdoc/>
    public ValueTask<Stream> OpenAsync(SourcePart part, SourceFile file, long offset, CancellationToken ct) =>
        At(part).OpenAsync(file, offset, ct);

    /// <inheritdoc/>
    public async Task<byte[]?> ReadJsonPathsAsync(CancellationToken ct) => _jsonPaths is null ? null : await _jsonPaths.ReadAsync(ct);

    private ILocation At(SourcePart part) => part == SourcePart.Events ? _events : _songs;

    private void RefuseOverlap()
    {
        var (songsInEvents, eventsInSongs) = (_events.Holds(_songs), _songs.Holds(_events));
        if (songsInEvents && eventsInSongs)
        {
            throw SparkifyException.Invalid(
                $"Events and songs are both at '{_events.Text}'. Give each its own folder, or songs would be read as events.");
        }

        if (songsInEvents)
        {
            throw SparkifyException.Invalid(
                $"The songs location '{_songs.Text}' is inside the events location '{_events.Text}', so songs would be read as events. Give each its own folder.");
        }

        if (eventsInSongs)
        {
            throw SparkifyException.Invalid(
                $"The events location '{_events.Text}' is inside the songs location '{_songs.Text}', so events would be read as songs. Give each its own folder.");
        }
    }
}
