using System.Buffers;

namespace Sparkify.Core.Sources.Sample;

/// <summary>
/// Songs and their artists, each worked out from its number alone: nothing is held in memory however many there are, and a play in the
/// log and the file in the catalogue agree to the last letter.
/// </summary>
/// <param name="seed">The sample's seed.</param>
/// <param name="songs">Whose numbers the songs have.</param>
/// <param name="artists">Whose numbers the artists have.</param>
/// <param name="count">How many songs there are.</param>
/// <param name="artistCount">How many artists they are drawn from.</param>
internal sealed class SampleSongBook(int seed, SampleStream songs, SampleStream artists, int count, int artistCount)
{
    /// <summary>How many files a folder of the catalogue holds, as the real one does.</summary>
    private const int FilesPerFolder = 23;

    // So many of a hundred songs spell or place their artist differently from the artist's other songs.
    private const int VariantPerMille = 70;

    private readonly SampleText _text = new();

    /// <summary>How many songs there are.</summary>
    public int Count { get; } = count;

    /// <summary>The catalogue: drawn so that 14,896 songs are by some 9,550 artists.</summary>
    public static SampleSongBook Catalogue(SampleSource sample) => new(
        sample.Seed, SampleStream.Song, SampleStream.Artist, sample.Songs, Math.Max(1, (int)(sample.Songs * 1036L / 1000)));

    /// <summary>What else people play: most plays in the real log are of songs that its catalogue does not have.</summary>
    public static SampleSongBook World(SampleSource sample)
    {
        var count = Math.Clamp(sample.Events * 2L, 2000, 5_000_000);
        return new(sample.Seed, SampleStream.OtherSong, SampleStream.OtherArtist, (int)count, (int)(count * 35 / 100));
    }

    /// <summary>A song's length in hundred-thousandths of a second; never whole seconds, and below ten minutes.</summary>
    public int Duration(int song)
    {
        var random = SampleRandom.For(seed, songs, song);
        var kind = random.Below(100);
        var length = kind switch
        {
            < 2 => random.Between(2_000_000, 6_000_000),
            < 7 => random.Between(36_000_000, 59_500_000),
            _ => 6_000_000 + random.Below(12_500_000) + random.Below(12_500_000) + random.Below(12_500_000),
        };
        return length % 100_000 == 0 ? length + 1 : length;
    }

    /// <summary>Puts a song's title together.</summary>
    public void Title(int song, SampleText to)
    {
        var random = Traits(song);
        SampleTitles.Title(ref random, to.Clear());
    }

    /// <summary>Puts the name of a song's artist together, as that song has it.</summary>
    public void Artist(int song, SampleText to)
    {
        var (artist, variant) = By(song);
        var random = SampleRandom.For(seed, artists, artist);
        SampleTitles.Artist(ref random, to.Clear());
        if (variant is 1 or 2)
        {
            // Another hand on the same record: the id is the first artist's, the name is not.
            var guest = SampleRandom.For(seed, artists, artist + (variant * 7919L) + artistCount);
            to.Add(variant == 1 ? " featuring " : " & ").Add(guest.Of(SampleWords.FirstNames)).Add(" ")
                .Add(guest.Of(SampleWords.LastNames));
        }
        else if (variant == 3)
        {
            to.Upper();
        }
    }

    /// <summary>Where a song's file is below the catalogue.</summary>
    public string Path(int song)
    {
        var folder = song / FilesPerFolder;
        return $"{(char)('A' + (folder / 676))}/{(char)('A' + (folder / 26 % 26))}/{(char)('A' + (folder % 26))}/{TrackId(song)}.json";
    }

    /// <summary>Writes a song's record.</summary>
    public void Write(int song, ArrayBufferWriter<byte> to)
    {
        var (artist, variant) = By(song);
        var random = SampleRandom.For(seed, artists, artist);
        SampleTitles.Artist(ref random, _text.Clear());
        var place = random.Of(SampleWords.Places);
        var (hasPlace, hasPosition) = (random.Chance(600), random.Chance(430));
        if (variant == 4)
        {
            hasPlace = !hasPlace;
        }

        to.Write("{\"num_songs\": 1, \"artist_id\": \""u8);
        Ascii(to, ArtistId(artist));
        to.Write("\", \"artist_latitude\": "u8);
        Position(to, hasPosition, place.Latitude);
        to.Write(", \"artist_longitude\": "u8);
        Position(to, hasPosition, place.Longitude);
        to.Write(", \"artist_location\": "u8);
        to.Text(hasPlace ? place.Name : "", slashes: false);
        to.Write(", \"artist_name\": "u8);
        Artist(song, _text);
        to.Text(_text.Span, slashes: false);
        to.Write(", \"song_id\": \""u8);
        Ascii(to, SongId(song));
        to.Write("\", \"title\": "u8);
        Title(song, _text);
        to.Text(_text.Span, slashes: false);
        to.Write(", \"duration\": "u8);
        to.Decimal(Duration(song));
        to.Write(", \"year\": "u8);
        var traits = Traits(song);
        to.Number(traits.Chance(600) ? 0 : 2010 - traits.Skewed(55));
        to.Write("}"u8);
    }

    private (int Artist, int Variant) By(int song)
    {
        var random = SampleRandom.For(seed, songs, (long)song + Count);
        return (random.Below(artistCount), random.Chance(VariantPerMille) ? random.Between(1, 4) : 0);
    }

    private SampleRandom Traits(int song) => SampleRandom.For(seed, songs, ~(long)song);

    private static void Position(ArrayBufferWriter<byte> to, bool known, int hundredThousandths)
    {
        if (known)
        {
            to.Decimal(hundredThousandths);
        }
        else
        {
            to.Write("null"u8);
        }
    }

    private string TrackId(int song)
    {
        var (folder, at) = Math.DivRem(song, FilesPerFolder);
        var random = SampleRandom.For(seed, SampleStream.Id, song);

        // The letter after the folder's three grows with the song's number, so that names are in the order of the numbers.
        ReadOnlySpan<char> letters =
        [
            (char)('A' + (folder / 676)), (char)('A' + (folder / 26 % 26)), (char)('A' + (folder % 26)),
            (char)('A' + at), (char)('A' + random.Below(26)),
        ];
        return $"TR{letters}128F{0x400000 + random.Below(0xC00000):X6}{random.Below(16):X1}";
    }

    private string SongId(int song)
    {
        var random = SampleRandom.For(seed, SampleStream.Id, ~(long)song);
        return $"SO{Scrambled(song, 26, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")}12A{0x58A00000L + random.Below(0x5A00000):X8}";
    }

    private string ArtistId(int artist)
    {
        var random = SampleRandom.For(seed, SampleStream.Id, artist + (1L << 40));
        return $"AR{Scrambled(artist, 36, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}1187FB{random.Below(0x100000):X5}";
    }

    /// <summary>Five letters that no other number has, and that do not look like counting.</summary>
    private static string Scrambled(int number, int radix, string letters)
    {
        var space = (long)radix * radix * radix * radix * radix;

        // 7,654,321 shares no factor with 26 or 36, so that every number keeps letters of its own.
        var rest = ((number * 7_654_321L) + 1_234_567) % space;
        Span<char> text = stackalloc char[5];
        for (var i = 4; i >= 0; i--)
        {
            text[i] = letters[(int)(rest % radix)];
            rest /= radix;
        }

        return new string(text);
    }

    private static void Ascii(ArrayBufferWriter<byte> to, string text) =>
        to.Advance(System.Text.Encoding.ASCII.GetBytes(text, to.GetSpan(text.Length)));
}
