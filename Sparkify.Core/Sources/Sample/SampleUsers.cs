namespace Sparkify.Core.Sources.Sample;

/// <summary>What never changes about a person: places in the lists of <see cref="SampleWords"/>.</summary>
internal readonly record struct SamplePerson(
    int Id, bool Woman, int FirstName, int LastName, int Metro, int UserAgent, int RegisteredSecondsBefore);

/// <summary>The people who listen. Only what changes is remembered: two bits for each.</summary>
internal sealed class SampleUsers
{
    // The real month has 96 people to 8,056 events; two more are drawn here, since a few never come up.
    private const int PeoplePerMonth = 98;
    private const int EventsPerMonth = 8056;
    private const int FewestPeople = 4;

    private readonly int _seed;
    private readonly int _step;
    private readonly bool[] _paid;
    private readonly bool[] _here;

    public SampleUsers(SampleSource sample)
    {
        _seed = sample.Seed;
        Count = Math.Max(FewestPeople, (int)((long)sample.Events * PeoplePerMonth / EventsPerMonth));
        _paid = new bool[Count];
        _here = new bool[Count];
        for (var user = 0; user < Count; user++)
        {
            // Small numbers come up most often, and who listens much pays more often.
            var random = SampleRandom.For(_seed, SampleStream.User, user);
            _paid[user] = random.Chance(user < Count / 3 ? 600 : 150);
        }

        _step = (int)(Count * 0.618) | 1;
        while (Gcd(_step, Count) != 1)
        {
            _step += 2;
        }
    }

    public int Count { get; }

    public bool IsPaid(int user) => _paid[user];

    public void SetPaid(int user, bool paid) => _paid[user] = paid;

    public void Leave(int user) => _here[user] = false;

    /// <summary>Lets a person in, or somebody else who is not there yet: nobody listens twice at once.</summary>
    public int Enter(int user)
    {
        for (var tries = 0; tries < Count && _here[user]; tries++)
        {
            user = (user + _step) % Count;
        }

        _here[user] = true;
        return user;
    }

    /// <summary>Who a person is. Ids start at 2, in no order of activity.</summary>
    public SamplePerson Person(int user)
    {
        var random = SampleRandom.For(_seed, SampleStream.User, ~(long)user);
        var woman = random.Chance(570);
        return new SamplePerson(
            2 + (int)((((long)user * _step) + (Count / 3)) % Count), woman, random.Below(
                woman ? SampleWords.Women.Length : SampleWords.Men.Length),
            random.Below(SampleWords.LastNames.Length), random.Below(SampleWords.Metros.Length),
            random.Below(SampleWords.UserAgents.Length), random.Between(3_600, 120 * 86_400));
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
