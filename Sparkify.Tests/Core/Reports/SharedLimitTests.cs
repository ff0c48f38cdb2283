using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Tests.Core.Reports;

/// <summary>Who is ended for the others' sake, by what was seen and when.</summary>
public sealed class SharedLimitTests
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);
    private readonly FakeTimeProvider _clock = new();
    private readonly SharedLimit _limit;

    public SharedLimitTests() => _limit = new SharedLimit("memory", 1024, "MemoryMegabytes", Beat, _clock);

    [Fact]
    public void Growth_SinceTheLastBeat_CountsAhead()
    {
        var place = Place();
        Assert.Empty(Look(Beat, (place, 100)).Ended);

        // 400, and at this pace 1,000 two beats on.
        Assert.Equal([place], Look(Beat, (place, 400)).Ended);
        Assert.Equal(
            "This query was stopped because it was using 400 MB of memory and all queries together were close to the limit of 1,024 MB (Sparkify:Queries:MemoryMegabytes). Narrow it down, or try again when fewer are running.",
            place.Why);
    }

    [Fact]
    public void Growth_OfALookSomeBeatsLate_CountsAheadAsWell()
    {
        var place = Place();
        Assert.Empty(Look(Beat, (place, 100)).Ended);

        Assert.Equal([place], Look(4 * Beat, (place, 400)).Ended);
    }

    [Fact]
    public void Growth_OfALookThatWaitedForLong_CountsForLess()
    {
        var place = Place();
        Assert.Empty(Look(Beat, (place, 100)).Ended);

        Assert.Empty(Look(20 * Beat, (place, 400)).Ended);
        Assert.Empty(Look(Beat / 10, (place, 440)).Ended);
    }

    [Fact]
    public void Ended_ThatStays_CountsAgainAfterASecond_IsNamedOnce_AndIsNoVictimAgain()
    {
        var (large, small) = (Place(), Place());
        Assert.Equal([large], Look(100 * Beat, (large, 980), (small, 100)).Ended);
        var why = large.Why;

        // It is given the time to let go.
        Quiet(Look(10 * Beat, (large, 980), (small, 100)));

        var late = Look(11 * Beat, (large, 980), (small, 100));
        Assert.Equal([small], late.Ended);
        Assert.Equal(980L << 20, late.Staying[large]);
        Assert.Same(why, large.Why);

        Quiet(Look(Beat, (large, 980)));
        Quiet(Look(100 * Beat, (large, 980)));
    }

    [Fact]
    public void Ended_ThatLetsGo_IsNotNamed()
    {
        var place = Place();
        Assert.Equal([place], Look(100 * Beat, (place, 980)).Ended);

        Quiet(Look(100 * Beat, (place, 0)));
        Quiet(Look(100 * Beat));
    }

    private static void Quiet(LimitLook look)
    {
        Assert.Empty(look.Ended);
        Assert.Empty(look.Staying);
    }

    private static QueryPlace Place() => new(
        "ann", new QueryWatch(null!, Options.Create(new QueryOptions()), TimeProvider.System, NullLogger<QueryWatch>.Instance),
        static _ => { });

    private LimitLook Look(TimeSpan after, params (QueryPlace Place, long Megabytes)[] seen)
    {
        _clock.Advance(after);
        return _limit.Keep(seen.ToDictionary(static s => s.Place, static s => s.Megabytes << 20));
    }
}
