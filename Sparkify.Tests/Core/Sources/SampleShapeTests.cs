using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Tests.Core.Sources;

/// <summary>Whether the sample is like the real month, its awkward sides included.</summary>
public sealed class SampleShapeTests
{
    private static readonly SampleSource Default = new();

    private sealed record Line(
        string? Artist, string Auth, string? FirstName, string? Gender, int ItemInSession, string? LastName, decimal? Length, string Level,
        string? Location, string Method, string Page, decimal? Registration, int SessionId, string? Song, int Status, long Ts,
        string? UserAgent, string UserId);

    private sealed record Track(
        string Artist_id, decimal? Artist_latitude, decimal? Artist_longitude, string Artist_location, string Artist_name, string Song_id,
        string Title, decimal Duration, int Year);

    private static IEnumerable<string> EventTexts(SampleSource sample)
    {
        var events = new SampleEvents(sample);
        var writer = new SampleEventWriter(events);
        var buffer = new ArrayBufferWriter<byte>();
        while (events.TryNext(out var next))
        {
            buffer.ResetWrittenCount();
            writer.Write(next, buffer);
            yield return Encoding.Latin1.GetString(buffer.WrittenSpan);
        }
    }

    private static IEnumerable<string> SongTexts(SampleSource sample)
    {
        var catalogue = SampleSongBook.Catalogue(sample);
        var buffer = new ArrayBufferWriter<byte>();
        for (var song = 0; song < sample.Songs; song++)
        {
            buffer.ResetWrittenCount();
            catalogue.Write(song, buffer);
            yield return Encoding.Latin1.GetString(buffer.WrittenSpan);
        }
    }

    private static List<T> Parsed<T>(IEnumerable<string> texts) =>
        [.. texts.Select(t => JsonSerializer.Deserialize<T>(t, JsonSerializerOptions.Web)!)];

    [Fact]
    public void Events_OfTheDefaultSample_AreAsManyAndAsMixedAsTheRealMonth()
    {
        var lines = Parsed<Line>(EventTexts(Default));

        Assert.Equal(8056, lines.Count);
        Assert.InRange(lines.Count(l => l.Page == "NextSong") / 8056.0, 0.83, 0.86);
        Assert.InRange(lines.Select(l => l.UserId).Where(u => u.Length > 0).Distinct().Count(), 92, 98);
        Assert.InRange(lines.Count / (double)lines.Select(l => l.SessionId).Distinct().Count(), 11, 15);
        Assert.Equal(
            ["About", "Downgrade", "Error", "Help", "Home", "Login", "Logout", "NextSong", "Save Settings", "Settings", "Submit Downgrade",
                "Submit Upgrade", "Upgrade"],
            lines.Select(l => l.Page).Distinct().Order(StringComparer.Ordinal));
        Assert.True(lines.Select(l => l.UserAgent).Distinct().Count() > 20);
        Assert.True(lines.Select(l => l.Location).Distinct().Count() > 30);
    }

    [Fact]
    public void Events_OfTheDefaultSample_AreInOrderAndOnThirtyDays()
    {
        var lines = Parsed<Line>(EventTexts(Default));

        Assert.Equal(lines.Select(l => l.Ts).Order(), lines.Select(l => l.Ts));
        Assert.Equal(30, lines.Select(l => DateTimeOffset.FromUnixTimeMilliseconds(l.Ts).Date).Distinct().Count());
        Assert.Equal(new DateTime(2018, 11, 1), DateTimeOffset.FromUnixTimeMilliseconds(lines[0].Ts).Date);
        Assert.Equal(new DateTime(2018, 11, 30), DateTimeOffset.FromUnixTimeMilliseconds(lines[^1].Ts).Date);
    }

    [Fact]
    public void Sessions_OfTheDefaultSample_ArePlausible()
    {
        foreach (var visit in Parsed<Line>(EventTexts(Default)).GroupBy(l => l.SessionId))
        {
            var lines = visit.ToList();
            Assert.Equal(Enumerable.Range(0, lines.Count), lines.Select(l => l.ItemInSession));
            Assert.True(lines.Select(l => l.UserId).Where(u => u.Length > 0).Distinct().Count() <= 1);
            foreach (var (one, next) in lines.Zip(lines.Skip(1)))
            {
                // The next song starts when the one before it ends, to the second.
                if (one.Page == "NextSong" && next.Page == "NextSong")
                {
                    Assert.Equal((long)one.Length!.Value, (next.Ts - one.Ts) / 1000);
                }
            }
        }
    }

    [Fact]
    public void Users_OfTheDefaultSample_ChangeNothingButTheirLevel()
    {
        var people = Parsed<Line>(EventTexts(Default)).Where(l => l.UserId.Length > 0).GroupBy(l => l.UserId).ToList();

        Assert.All(people, p => Assert.Single(
            p.Select(l => (l.FirstName, l.LastName, l.Gender, l.Location, l.UserAgent, l.Registration)).Distinct()));
        Assert.InRange(people.Count(p => p.Select(l => l.Level).Distinct().Count() > 1), 4, 25);
        foreach (var lines in people.Select(p => p.ToList()))
        {
            foreach (var (one, next) in lines.Zip(lines.Skip(1)))
            {
                var expected = one.Page switch { "Submit Upgrade" => "paid", "Submit Downgrade" => "free", _ => null };
                Assert.Equal(expected ?? next.Level, next.Level);
                Assert.True(one.Level == next.Level || expected is not null || next.SessionId != one.SessionId);
            }
        }
    }

    [Fact]
    public void Events_Written_HaveTheAwkwardnessOfTheRealOnes()
    {
        var texts = EventTexts(Default).ToList();
        var lines = Parsed<Line>(texts);

        Assert.All(texts, t => Assert.True(Ascii.IsValid(t)));
        Assert.All(lines.Where(l => l.Page == "NextSong"), l => Assert.False(l.Artist is null || l.Song is null || l.Length is null));
        Assert.All(lines.Where(l => l.Page != "NextSong"), l => Assert.True(l.Artist is null && l.Song is null && l.Length is null));
        Assert.All(lines.Where(l => l.Auth == "Logged Out"), l => Assert.Equal(
            ("", null, null, null, null, null, null),
            (l.UserId, l.FirstName, l.LastName, l.Gender, l.Location, l.UserAgent, l.Registration)));
        Assert.InRange(lines.Count(l => l.Auth == "Logged Out"), 50, 300);
        Assert.All(lines, l => Assert.Equal(
            l.Page switch { "Error" => 404, "NextSong" => 200, _ when l.Method == "PUT" => 307, _ => 200 }, l.Status));
        Assert.All(texts.Where(
            t => t.Contains("Logged In", StringComparison.Ordinal)), t => Assert.Matches("\"registration\":15\\d{8}796\\.0,", t));
        Assert.Contains(texts, t => t.Contains("\"userAgent\":\"\\\"Mozilla\\/5.0 (", StringComparison.Ordinal));
        Assert.Contains(texts, t => t.Contains("\\u00c3\\u0083\\u00c2\\u00a9", StringComparison.Ordinal));
        Assert.All(texts, t => Assert.DoesNotMatch("[^\\\\]/", t));
    }

    [Fact]
    public void Songs_OfTheDefaultSample_AreLikeTheRealCatalogue()
    {
        var texts = SongTexts(Default).ToList();
        var songs = Parsed<Track>(texts);

        Assert.Equal(14_896, songs.Select(s => s.Song_id).Distinct().Count());
        var artists = songs.Select(s => s.Artist_id).Distinct().Count();
        Assert.InRange(artists, 9_300, 9_700);
        var tuples = songs.Select(s => (s.Artist_id, s.Artist_name, s.Artist_location, s.Artist_latitude)).Distinct().Count();
        Assert.InRange(tuples - artists, 300, 700);
        Assert.InRange(songs.Count(s => s.Year == 0) / 14_896.0, 0.5, 0.7);
        Assert.InRange(songs.Count(s => s.Artist_latitude is null) / 14_896.0, 0.5, 0.65);
        Assert.InRange(songs.Count(s => s.Artist_location.Length == 0) / 14_896.0, 0.35, 0.5);
        Assert.Contains(songs, s => s.Title.Any(c => c > 127));
        Assert.Contains(songs, s => s.Artist_name.Any(c => c > 127));
        Assert.All(songs, s => Assert.Matches("^SO[A-Z]{5}12A[0-9A-F]{8}$", s.Song_id));
        Assert.All(songs, s => Assert.Matches("^AR[0-9A-Z]{5}1187FB[0-9A-F]{5}$", s.Artist_id));
        Assert.All(texts, t => Assert.StartsWith("{\"num_songs\": 1, \"artist_id\": \"AR", t, StringComparison.Ordinal));
    }

    [Fact]
    public void Plays_OfTheDefaultSample_MatchTheCatalogueInAFewPerCent()
    {
        var known = Parsed<Track>(SongTexts(Default)).Select(s => (s.Title, s.Artist_name, s.Duration)).ToHashSet();
        var plays = Parsed<Line>(EventTexts(Default)).Where(l => l.Page == "NextSong").ToList();

        var share = plays.Count(p => known.Contains((p.Song!, p.Artist!, p.Length!.Value))) / (double)plays.Count;

        Assert.InRange(share, 0.04, 0.05);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5000)]
    [InlineData(7, 7)]
    [InlineData(366, 400)]
    [InlineData(2, 100_000)]
    public void Sample_OfAnySize_HasExactlyThatManyEventsOnEveryDay(int days, int count)
    {
        var events = new SampleEvents(new SampleSource(3, days, count, 1));
        var (seen, last) = (0, 0L);
        HashSet<long> on = [];
        while (events.TryNext(out var next))
        {
            Assert.True(next.Second >= last);
            last = next.Second;
            seen++;
            on.Add((next.Second - SampleEvents.FirstSecond) / SampleEvents.Day);
        }

        Assert.Equal(count, seen);
        Assert.Equal(Enumerable.Range(0, days).Select(d => (long)d), on.Order());
    }

    [Fact]
    public void Sample_WithManyEvents_HasManyUsers()
    {
        var events = new SampleEvents(new SampleSource(1, 30, 200_000, 1));
        HashSet<int> users = [];
        while (events.TryNext(out var next))
        {
            users.Add(next.User);
        }

        Assert.InRange(users.Count, 2000, 2600);
    }

    [Theory]
    [InlineData(24_630_812, "246.30812")]
    [InlineData(20_020_000, "200.2")]
    [InlineData(-2_655_360, "-26.5536")]
    [InlineData(-12_714, "-0.12714")]
    [InlineData(5, "0.00005")]
    public void Decimal_Written_HasNoZerosAtItsEnd(int hundredThousandths, string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Decimal(hundredThousandths);

        Assert.Equal(text, Encoding.ASCII.GetString(buffer.WrittenSpan));
        Assert.Equal(hundredThousandths / 100_000m, decimal.Parse(text, CultureInfo.InvariantCulture));
    }
}
