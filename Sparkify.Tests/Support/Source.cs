using System.Globalization;
using System.Text.Json;

namespace Sparkify.Tests.Support;

/// <summary>Small sources written by hand, for tests that must know every record.</summary>
internal static class Source
{
    /// <summary>One event as a line of JSON; whatever is left out is null, as it is in real logs off the NextSong page.</summary>
    public static string Event(
        string page = "NextSong", string user = "1", long ts = 1541105830796, int session = 1, int item = 0, string? song = "Song",
        string? artist = "Artist",
        double? length =
            200.5, string level = "free", string? first = "Ann", string? last = "Lee", string? gender = "F", string? location = "Home") =>
        JsonSerializer.Serialize(new
        {
            artist,
            auth = user.Length > 0 ? "Logged In" : "Logged Out",
            firstName = first,
            gender,
            itemInSession = item,
            lastName = last,
            length,
            level,
            location,
            method = "PUT",
            page,
            registration = 1540919166796.0,
            sessionId = session,
            song,
            status = 200,
            ts,
            userAgent = "\"Mozilla/5.0\"",
            userId = user,
        });

    /// <summary>One song as a line of JSON.</summary>
    public static string Song(
        string id = "SO1", string title = "Song", string artist = "AR1", string name = "Artist", double duration = 200.5, int year = 2000,
        string location = "", double? latitude = null, double? longitude = null) =>
        JsonSerializer.Serialize(new
        {
            num_songs = 1,
            artist_id = artist,
            artist_latitude = latitude,
            artist_longitude = longitude,
            artist_location = location,
            artist_name = name,
            song_id = id,
            title,
            duration,
            year,
        });

    /// <summary>Writes events and songs into a folder and gives the source as the API takes it.</summary>
    public static object Write(TempFolder folder, IEnumerable<string> events, IEnumerable<string> songs)
    {
        folder.Write("log_data/2018/11/events.json", string.Join('\n', events));
        var number = 0;
        foreach (var song in songs)
        {
            folder.Write(string.Create(CultureInfo.InvariantCulture, $"song_data/A/{number++:D4}.json"), song);
        }

        return At(folder);
    }

    /// <summary>The source in a folder, as the API takes it.</summary>
    public static object At(TempFolder folder) =>
        new { events = Path.Combine(folder.Path, "log_data"), songs = Path.Combine(folder.Path, "song_data") };
}
