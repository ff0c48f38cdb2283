using System.Globalization;

namespace Sparkify.Core.Reports.Queries;

/// <summary>What came of a look.</summary>
/// <param name="Ended">Those that were ended now.</param>
/// <param name="Staying">Those that were ended a while ago and still use something, with how many bytes; each is named once.</param>
internal sealed record LimitLook(IReadOnlyList<QueryPlace> Ended, IReadOnlyDictionary<QueryPlace, long> Staying);

/// <summary>
/// How much of one thing all queries together may use. What they are about to use counts: ending a query takes a moment, in which the
/// others go on. It is made when looks begin, which are to follow each other at the beat.
/// </summary>
internal sealed class SharedLimit(string what, int megabytes, string setting, TimeSpan beat, TimeProvider clock)
{
    // How many beats ahead are counted as used already, at the pace since the last look.
    private const int Ahead = 2;

    // Up to how many beats a look may take to come before its growth counts for less.
    private const int Late = 4;

    // What is ended gives back what it used within so long; what does not is in the way of the others again.
    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(1);

    private long _looked = clock.GetTimestamp();
    private IReadOnlyDictionary<QueryPlace, long> _before = new Dictionary<QueryPlace, long>();
    private Dictionary<QueryPlace, long> _ended = [];

    /// <summary>What is used of.</summary>
    public string What => what;

    /// <summary>Ends the largest, and the next ones as far as needed, when all together come too near.</summary>
    public LimitLook Keep(IReadOnlyDictionary<QueryPlace, long> bytes)
    {
        var now = clock.GetTimestamp();
        // On a busy machine looks come some beats late, and the next one will as well. One that waited for long is no measure of it.
        var pace = Math.Min(1, Late * (beat / clock.GetElapsedTime(_looked, now)));
        _ended = bytes.Keys.Where(static p => p.Why is not null).ToDictionary(static p => p, p => _ended.GetValueOrDefault(p, now));
        var staying = bytes.Where(b => _ended.ContainsKey(b.Key) && Stays(b.Key, now)).ToDictionary();
        var running = bytes.Where(b => !_ended.ContainsKey(b.Key)).OrderByDescending(static b => b.Value).ToList();
        var soon = running.Sum(Soon) + staying.Values.Sum();
        List<QueryPlace> ended = [];
        // A quarter is kept back: what was seen is a moment old, on a busy machine some moments, and what is ended goes on for another.
        foreach (var one in running.TakeWhile(_ => soon > ((long)megabytes << 20) * 3 / 4))
        {
            soon -= Soon(one);
            one.Key.End(string.Create(CultureInfo.InvariantCulture,
                $"This query was stopped because it was using {one.Value >> 20:N0} MB of {what} and all queries together were close to the limit of {megabytes:N0} MB ({QueryOptions.Section}:{setting}). Narrow it down, or try again when fewer are running."));
            _ended[one.Key] = now;
            ended.Add(one.Key);
        }

        var before = _looked;
        (_before, _looked) = (bytes, now);
        return new LimitLook(ended, staying.Where(s => s.Value > 0 && !Stays(s.Key, before)).ToDictionary());

        bool Stays(QueryPlace place, long at) => clock.GetElapsedTime(_ended[place], at) > Leaving;

        long Soon(KeyValuePair<QueryPlace, long> one) =>
            one.Value + (long)(Ahead * pace * Math.Max(0, one.Value - _before.GetValueOrDefault(one.Key)));
    }
}
