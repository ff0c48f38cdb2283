namespace Sparkify.Core.Sources.Sample;

/// <summary>
/// SplitMix64: random numbers that are the same on every machine and in every version of .NET, which
/// <see cref="Random"/> does not promise. Whole numbers only, for the same reason: libraries differ in how they round logarithms and
/// powers.
/// </summary>
internal struct SampleRandom(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = state;

    /// <summary>Numbers of their own for one thing of one kind, whatever was drawn before.</summary>
    public static SampleRandom For(int seed, SampleStream stream, long index) =>
        new(Mix(Mix(unchecked((uint)seed) + ((ulong)stream << 32)) + ((ulong)index * Golden)));

    /// <summary>The next 64 random bits.</summary>
    public ulong Next() => Mix(_state += Golden);

    /// <summary>A number from 0 to just below <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)((Next() >> 32) * (ulong)limit >> 32);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    /// <summary>True in so many of a thousand cases.</summary>
    public bool Chance(int perMille) => Below(1000) < perMille;

    /// <summary>A number below <paramref name="limit"/> where small ones come up far more often, as hits among songs do.</summary>
    public int Skewed(int limit)
    {
        var u = Next() >> 32;
        return (int)(((u * u) >> 32) * (ulong)limit >> 32);
    }

    /// <summary>One of a list.</summary>
    public T Of<T>(T[] list) => list[Below(list.Length)];

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>The kinds of things that have random numbers of their own.</summary>
internal enum SampleStream
{
    /// <summary>How the days and hours are filled.</summary>
    Plan = 1,

    /// <summary>A person.</summary>
    User,

    /// <summary>A visit.</summary>
    Session,

    /// <summary>A song of the catalogue.</summary>
    Song,

    /// <summary>An artist of the catalogue.</summary>
    Artist,

    /// <summary>A song that people play but the catalogue does not have.</summary>
    OtherSong,

    /// <summary>The artist of such a song.</summary>
    OtherArtist,

    /// <summary>The ids in the catalogue.</summary>
    Id,
}
