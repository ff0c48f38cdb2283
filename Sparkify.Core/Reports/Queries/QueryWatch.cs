using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Reports.Queries;

/// <summary>
/// Keeps all queries together below the memory and the disk they may use, by ending the largest. It looks while there are any, and at
/// nothing else.
/// </summary>
internal sealed partial class QueryWatch
{
    private readonly IStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger<QueryWatch> _logger;
    private readonly Lock _gate = new();
    private readonly List<QueryPlace> _watched = [];
    private readonly IReadOnlyList<Look> _looks;

    public QueryWatch(IStore store, IOptions<QueryOptions> options, TimeProvider clock, ILogger<QueryWatch> logger)
    {
        (_store, _clock, _logger) = (store, clock, logger);
        var (memory, disk) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250));
        _looks =
        [
            new(memory, MemoryAsync, () => new SharedLimit(
                "memory", options.Value.MemoryMegabytes, nameof(QueryOptions.MemoryMegabytes), memory, clock)),
            new(disk, DiskAsync, () => new SharedLimit(
                "disk", options.Value.DiskMegabytes, nameof(QueryOptions.DiskMegabytes), disk, clock)),
        ];
    }

    /// <summary>Looks after a place until it leaves.</summary>
    public void Join(QueryPlace place)
    {
        lock (_gate)
        {
            _watched.Add(place);
            foreach (var look in _looks.Where(static l => !l.Running))
            {
                look.Running = true;
                _ = Task.Run(() => LookAsync(look));
            }
        }
    }

    /// <summary>Looks after it no more.</summary>
    public void Leave(QueryPlace place)
    {
        lock (_gate)
        {
            _watched.Remove(place);
        }
    }

    private async Task LookAsync(Look look)
    {
        var limit = look.NewLimit();
        using var timer = new PeriodicTimer(look.Beat, _clock);
        while (await timer.WaitForNextTickAsync() && Watched(look) is { Count: > 0 } places)
        {
            try
            {
                var seen = limit.Keep(await look.MeasureAsync(places));
                foreach (var ended in seen.Ended)
                {
                    Ended(_logger, ended.Person, ended.Why!);
                }

                foreach (var (place, bytes) in seen.Staying)
                {
                    Stays(_logger, place.Person, bytes >> 20, limit.What);
                }
            }
            catch (Exception ex)
            {
                // Whatever it is, such as a store that is away: the next look may tell, and each query has limits of its own meanwhile.
                NotSeen(_logger, ex);
            }
        }
    }

    private List<QueryPlace> Watched(Look look)
    {
        lock (_gate)
        {
            look.Running = _watched.Count > 0;
            return [.. _watched];
        }
    }

    private static Task<Dictionary<QueryPlace, long>> MemoryAsync(List<QueryPlace> places) => Task.FromResult(
        Sum(BackendProcesses.Of(places).Select(static p => (p.Value, BackendProcesses.Memory(p.Key)))));

    private async Task<Dictionary<QueryPlace, long>> DiskAsync(List<QueryPlace> places)
    {
        var processes = BackendProcesses.Of(places);
        foreach (var place in places)
        {
            if (place.Backend is { OfTheStore: true } backend)
            {
                processes[backend.Pid] = place;
            }
        }

        var files = await TemporaryFiles.ReadAsync(_store, CancellationToken.None);
        return Sum(files.Where(f => processes.ContainsKey(f.Key)).Select(f => (processes[f.Key], f.Value)));
    }

    private static Dictionary<QueryPlace, long> Sum(IEnumerable<(QueryPlace Place, long Bytes)> parts) =>
        parts.GroupBy(static p => p.Place).ToDictionary(static g => g.Key, static g => g.Sum(static p => p.Bytes));

    [LoggerMessage(4001, LogLevel.Warning, "A query of {Person} was ended: {Why}")]
    private static partial void Ended(ILogger logger, string person, string why);

    [LoggerMessage(4002, LogLevel.Warning, "What queries use could not be looked at")]
    private static partial void NotSeen(ILogger logger, Exception exception);

    [LoggerMessage(4003, LogLevel.Warning,
        "A query of {Person} that was ended has not let go of what it used: {Megabytes} MB of {What}, which count again")]
    private static partial void Stays(ILogger logger, string person, long megabytes, string what);

    private sealed class Look(
        TimeSpan beat, Func<List<QueryPlace>, Task<Dictionary<QueryPlace, long>>> measureAsync, Func<SharedLimit> newLimit)
    {
        public TimeSpan Beat => beat;

        public Func<SharedLimit> NewLimit => newLimit;

        public Func<List<QueryPlace>, Task<Dictionary<QueryPlace, long>>> MeasureAsync => measureAsync;

        public bool Running { get; set; }
    }
}
