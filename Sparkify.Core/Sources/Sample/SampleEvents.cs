namespace Sparkify.Core.Sources.Sample;

/// <summary>
/// The whole log in the order of time, one line at a time. Held in memory: the visits going on, and those that begin within the
/// hour; so a hundred million lines need no more than a few.
/// </summary>
internal sealed class SampleEvents
{
    /// <summary>2018-11-01T00:00:00Z, a Thursday.</summary>
    public const long FirstSecond = 1_541_030_400;

    /// <summary>Seconds in a day.</summary>
    public const int Day = 86_400;

    private const int Hour = 3_600;

    // How busy each hour is, of a thousand, in UTC; as in the real month.
    private static readonly int[] Hours = [22, 32, 16, 9, 8, 15, 29, 24, 13, 48, 57, 62, 50, 52, 65, 72, 96, 78, 87, 48, 45, 31, 19, 22];

    private readonly SampleSource _sample;
    private readonly SampleUsers _users;
    private readonly PriorityQueue<SampleSession, long> _going = new();
    private readonly Queue<Plan> _planned = new();
    private readonly int[] _startsUntil;
    private SampleRandom _random;
    private int _hour;
    private int _started;
    private int _session;

    public SampleEvents(SampleSource sample)
    {
        _sample = sample;
        _users = new SampleUsers(sample);
        _random = SampleRandom.For(sample.Seed, SampleStream.Plan, 0);
        _startsUntil = Days(sample);
        Catalogue = SampleSongBook.Catalogue(sample);
        World = SampleSongBook.World(sample);
    }

    public SampleSongBook Catalogue { get; }

    public SampleSongBook World { get; }

    public SamplePerson Person(int user) => _users.Person(user);

    /// <summary>The next line, or false when that was all.</summary>
    public bool TryNext(out SampleEvent next)
    {
        while (_planned.Count == 0 && _hour < _sample.Days * 24 && (!_going.TryPeek(out var first, out _) || first.Second >= HourStart))
        {
            PlanHour();
        }

        while (_planned.TryPeek(out var plan) && (!_going.TryPeek(out var soonest, out _) || soonest.Second >= plan.Start))
        {
            Begin(_planned.Dequeue());
        }

        if (!_going.TryDequeue(out var session, out _))
        {
            next = default;
            return false;
        }

        next = session.Take(Catalogue, World);
        if (session.Over)
        {
            _users.Leave(session.User);
        }
        else
        {
            _going.Enqueue(session, Order(session.Second, next.Session));
        }

        return true;
    }

    private long HourStart => FirstSecond + ((long)_hour * Hour);

    /// <summary>
    /// How many lines belong to visits that begin by the end of each day: weekdays busier than weekends, at least one a day.
    /// </summary>
    private static int[] Days(SampleSource sample)
    {
        var random = SampleRandom.For(sample.Seed, SampleStream.Plan, 1);
        var weights = new long[sample.Days];
        for (var day = 0; day < weights.Length; day++)
        {
            weights[day] = (day + 4) % 7 is 0 or 6 ? random.Between(40, 75) : random.Between(70, 150);
        }

        var (sum, total) = (0L, weights.Sum());
        var until = new int[sample.Days];
        for (var day = 0; day < until.Length; day++)
        {
            sum += weights[day];
            until[day] = day + 1 + (int)((sample.Events - sample.Days) * sum / total);
        }

        return until;
    }

    /// <summary>Begins visits until the hour has its share; one that is longer is made up for by the hours after it.</summary>
    private void PlanHour()
    {
        var (day, hour) = Math.DivRem(_hour, 24);
        var before = day == 0 ? 0 : _startsUntil[day - 1];
        var share = Hours.AsSpan(0, hour + 1);
        var sum = 0;
        foreach (var part in share)
        {
            sum += part;
        }

        var target = before + (int)((_startsUntil[day] - before) * (long)sum / Hours.Sum());
        var end = FirstSecond + ((long)_sample.Days * Day);
        List<Plan> plans = [];
        while (_started < target)
        {
            // The last visits leave room for at least one line before the month ends.
            var start = HourStart + _random.Below((int)Math.Min(Hour, end - HourStart - SampleSession.LongestGap));
            var user = _random.Skewed(_users.Count);
            var events = (int)Math.Min(Math.Min(Length(user), _startsUntil[day] - _started), (end - start) / SampleSession.LongestGap);
            plans.Add(new Plan(start, plans.Count, user, events));
            _started += events;
        }

        plans.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Number.CompareTo(b.Number));
        foreach (var plan in plans)
        {
            _planned.Enqueue(plan);
        }

        _hour++;
    }

    /// <summary>How many lines a visit has: often one or two, sometimes a whole working day.</summary>
    private int Length(int user)
    {
        var paid = _users.IsPaid(user);
        var kind = _random.Below(100);
        return kind < (paid ? 12 : 30) ? 1
            : kind < (paid ? 25 : 52) ? _random.Between(2, 4)
            : _random.Between(3, paid ? 14 : 9) + _random.Skewed(paid ? 72 : 28);
    }

    private void Begin(Plan plan)
    {
        var id = ++_session;
        var session = new SampleSession(
            id, _users.Enter(plan.User), plan.Events, plan.Start, SampleRandom.For(_sample.Seed, SampleStream.Session, id), _users);
        session.Begin();
        _going.Enqueue(session, Order(session.Second, id));
    }

    /// <summary>By time, and by visit where times are equal: an order that leaves nothing to chance.</summary>
    private static long Order(long second, int session) => ((second - FirstSecond) << 32) | (uint)session;

    private sealed record Plan(long Start, int Number, int User, int Events);
}
