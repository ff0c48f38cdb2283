using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Npgsql;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>What plays are found by, in memory: title, artist and duration of the songs that are staged. Read by many at once.</summary>
internal sealed class PlayCatalogue
{
    private const int NoSong = -1;

    private readonly Dictionary<int, int> _first = [];
    private readonly List<Entry> _entries = [];
    private readonly List<byte> _texts = [];

    private PlayCatalogue()
    {
    }

    /// <summary>
    /// Reads it; none when there is no memory for it. The query gives title, artist, duration key, song id and artist id.
    /// </summary>
    public static async Task<PlayCatalogue?> ReadAsync(NpgsqlConnection db, string query, MemoryBudget budget, CancellationToken ct)
    {
        PlayCatalogue catalogue = new();
        var taken = 0L;
        await using var command = new NpgsqlCommand(query, db) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (reader.IsDBNull(0) || reader.IsDBNull(1) || reader.IsDBNull(2))
            {
                continue; // equals nothing
            }

            catalogue.Add(reader.GetString(0), reader.GetString(1), (long)reader.GetDouble(2), reader.GetString(3), reader.GetString(4));
            if (catalogue.Bytes - taken is var more and > 0)
            {
                if (!budget.TryTake(more))
                {
                    budget.Release(taken);
                    return null;
                }

                taken += more;
            }
        }

        return catalogue;
    }

    /// <summary>The ids of the song and its artist; false when the catalogue has no such song.</summary>
    public bool TryFind(
        ReadOnlySpan<byte> title, ReadOnlySpan<byte> artist, long durationKey, out ReadOnlySpan<byte> song, out ReadOnlySpan<byte> artistId)
    {
        var texts = CollectionsMarshal.AsSpan(_texts);
        for (var at = _first.GetValueOrDefault(Hash(title, artist, durationKey), NoSong); at != NoSong; at = _entries[at].Next)
        {
            var entry = _entries[at];
            var own = texts[entry.Start..];
            if (entry.DurationKey == durationKey && entry.Title == title.Length && entry.Artist == artist.Length
                && own.StartsWith(title) && own[title.Length..].StartsWith(artist))
            {
                own = own[(title.Length + artist.Length)..];
                song = own[..entry.Song];
                artistId = own.Slice(entry.Song, entry.ArtistId);
                return true;
            }
        }

        song = artistId = default;
        return false;
    }

    private long Bytes => _texts.Capacity + ((long)_entries.Capacity * Unsafe.SizeOf<Entry>()) + ((long)_first.Count * 24);

    private void Add(string title, string artist, long durationKey, string song, string artistId)
    {
        var start = _texts.Count;
        Entry entry = new(start, Text(title), Text(artist), Text(song), Text(artistId), durationKey, NoSong);
        var texts = CollectionsMarshal.AsSpan(_texts)[start..];
        var hash = Hash(texts[..entry.Title], texts.Slice(entry.Title, entry.Artist), durationKey);
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, hash, out var known);
        _entries.Add(known ? entry with { Next = first } : entry);
        first = _entries.Count - 1;
    }

    private int Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var start = _texts.Count;
        CollectionsMarshal.SetCount(_texts, start + length);
        return Encoding.UTF8.GetBytes(text, CollectionsMarshal.AsSpan(_texts)[start..]);
    }

    private static int Hash(ReadOnlySpan<byte> title, ReadOnlySpan<byte> artist, long durationKey)
    {
        HashCode hash = default;
        hash.AddBytes(title);
        hash.AddBytes(artist);
        hash.Add(durationKey);
        return hash.ToHashCode();
    }

    /// <summary>A song: where its texts begin, how long each is, and the next song with the same hash.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(int Start, int Title, int Artist, int Song, int ArtistId, long DurationKey, int Next);
}
