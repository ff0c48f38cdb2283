using System.Globalization;

namespace Sparkify.Core.Reports.Queries;

/// <summary>
/// How much of one thing all queries together may use. What they are about to use counts: ending a query takes a moment, in which the
/// others go on.
/// </summary>
internal sealed class SharedLimit(string what, int megabytes, string setting)
{
    // How many looks ahead are counted as used already, at the pace since the last one.
    private const int Ahead = 2;

    private IReadOnlyDictionary<QueryPlace, long> _before = new Dictionary<QueryPlace, long>();

    /// <summary>Ends the largest, and the next ones as far as needed, when all together come too near; gives those it ended.</summary>
    public IReadOnlyList<QueryPlace> Keep(IReadOnlyDictionary<QueryPlace, long> bytes)
    {
        var now = bytes.Where(static b => b.Key.Why is null).OrderByDescending(static b => b.Value).ToList();
        var soon = now.Sum(Soon);
        List<QueryPlace> ended = [];
        // A sixteenth is kept back: what was seen is a moment old.
        foreach (var one in now.TakeWhile(_ => soon > ((long)megabytes << 20) * 15 / 16))
        {
            soon -= Soon(one);
            one.Key.End(string.Create(CultureInfo.InvariantCulture,
                $"This query was ended: it used {one.Value >> 20:N0} MB of {what}, more than any other, and all queries together were about to use more than {megabytes:N0} MB ({QueryOptions.Section}:{setting}). Ask for less at once, or try again when fewer are running."));
            ended.Add(one.Key);
        }

        _before = bytes;
        return ended;

        long Soon(KeyValuePair<QueryPlace, long> one) => one.Value + (Ahead * Math.Max(0, one.Value - _before.GetValueOrDefault(one.Key)));
    }
}
