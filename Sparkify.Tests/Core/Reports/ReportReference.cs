using System.Globalization;
using System.Text.Json;

namespace Sparkify.Tests.Core.Reports;

/// <summary>What every report must say, computed from the raw files in memory: no SQL, and nothing of the application.</summary>
internal sealed class ReportReference
{
    private readonly List<Event> _events;
    private readonly List<Song> _songs;
    private readonly List<Event> _plays;
    private readonly Dictionary<string, Event> _users;

    public ReportReference(string events, string songs)
    {
        _events = [.. Directory.EnumerateFiles(events, "*.json", SearchOption.AllDirectories).SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement).Select(Read)];
        _songs = [.. Directory.EnumerateFiles(songs, "*.json", SearchOption.AllDirectories).Select(File.ReadAllText)
            .Select(text => JsonDocument.Parse(text).RootElement).Select(ReadSong)];
        _plays = [.. _events.Where(e => e.Page == "NextSong")];
        var players = _plays.Select(p => p.User).OfType<string>().ToHashSet();
        _users = _events.Where(e => e.User is not null && players.Contains(e.User)).GroupBy(e => e.User!)
            .ToDictionary(u => u.Key, u => u.MaxBy(e => (e.At, e.Session, e.Item))!);
    }

    /// <summary>The rows of a report, each as one text.</summary>
    public IReadOnlyList<string> Rows(string report, IReadOnlyDictionary<string, string?> given)
    {
        var level = given.GetValueOrDefault("level");
        var top = int.Parse(given.GetValueOrDefault("top") ?? "20", CultureInfo.InvariantCulture);
        var per = given.GetValueOrDefault("per");
        var plays = _plays.Where(p => In(p.At) && (level is null || p.Level == level)).ToList();
        return report switch
        {
            "top-songs" => [.. plays.Where(p => p.Title is not null).GroupBy(p => (p.Title, p.Artist)).OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key.Title, StringComparer.Ordinal).ThenBy(g => g.Key.Artist, StringComparer.Ordinal).Take(top)
                    .Select(g => Row(g.Key.Title, g.Key.Artist, g.Count()))],
            "top-artists" => [.. plays.Where(p => p.Artist is not null).GroupBy(p => p.Artist).OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key, StringComparer.Ordinal).Take(top).Select(g => Row(g.Key, g.Count()))],
            "plays-by-hour" =>
                [.. plays.GroupBy(p => (Day: p.At.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)p.At.DayOfWeek, p.At.Hour)).OrderBy(g => g.Key)
                    .Select(g => Row(g.Key.Day, g.Key.Hour, g.Count()))],
            "plays-over-time" =>
                [.. Periods(plays).Select(g => Row(g.Key, g.Count(), g.Any(p => p.Length is not null) ? g.Sum(p => p.Length) : null))],
            "session-length" => [.. Sessions(plays).Select(s => (Seconds: Length(s), Plays: s.Count())).GroupBy(s => LengthClass(s.Seconds))
                .OrderBy(g => g.Min(s => s.Seconds))
                .Select(g => Row(g.Key, g.Count(), g.Sum(s => s.Plays)))],
            "songs-per-session" =>
                [.. Sessions(plays).Select(s => s.Count()).GroupBy(SizeClass).OrderBy(g => g.Min())
                    .Select(g => Row(g.Key, g.Count(), g.Sum()))],
            "active-users" =>
                [.. Periods(plays.Where(p => p.User is not null)).Select(g => Row(g.Key, g.DistinctBy(p => p.User).Count(), g.Count()))],
            "free-and-paid" =>
                [.. Periods(plays).Select(g => Row(g.Key, g.Count(p => p.Level == "free"), g.Count(p => p.Level == "paid")))],
            "level-changes" => [.. Periods(_events.Where(e => e.Page is "Submit Upgrade" or "Submit Downgrade").Where(e => In(e.At)))
                .Select(g => Row(g.Key, g.Count(e => e.Page == "Submit Upgrade"), g.Count(e => e.Page == "Submit Downgrade")))],
            "gender-and-level" => [.. plays.Where(p => p.User is not null).GroupBy(p => p.User!)
                .GroupBy(u => (_users[u.Key].Gender, _users[u.Key].Level))
                .OrderBy(g => g.Key.Gender is null).ThenBy(g => g.Key.Gender, StringComparer.Ordinal)
                    .ThenBy(g => g.Key.Level, StringComparer.Ordinal)
                .Select(g => Row(g.Key.Gender, g.Key.Level, g.Count(), g.Sum(u => u.Count())))],
            "most-active-users" => [.. plays.Where(p => p.User is not null).GroupBy(p => p.User!).OrderByDescending(g => g.Count())
                .ThenBy(g => g.Key, StringComparer.Ordinal).Take(top)
                .Select(g => Row(g.Key, _users[g.Key].First, _users[g.Key].Last, _users[g.Key].Level, g.Count(), g.DistinctBy(
                    p => p.Session).Count(), g.Any(p => p.Length is not null) ? g.Sum(p => p.Length) : null))],
            "locations" => [.. plays.GroupBy(p => p.Place).OrderByDescending(g => g.Count()).ThenBy(g => g.Key is null)
                .ThenBy(g => g.Key, StringComparer.Ordinal).Take(top)
                .Select(g => Row(g.Key, g.Count(), g.Select(p => p.User).OfType<string>().Distinct().Count()))],
            "browsers" => Shares(plays, Browser),
            "systems" => Shares(plays, System),
            "match-rate" => [.. Periods(plays).Select(g => Row(g.Key, g.Count(), g.Count(Matched), (double)g.Count(Matched) / g.Count()))],
            "songs-by-year" =>
                [.. _songs.Where(s => s.Year > 0).GroupBy(s => s.Year).OrderBy(g => g.Key)
                    .Select(g => Row(g.Key, g.Count(), plays.Count(p => g.Any(s => s.Id == Match(p)?.Id))))],
            "never-played" => [.. _songs.Where(s => plays.All(p => Match(p)?.Id != s.Id)).OrderBy(s => s.Artist, StringComparer.Ordinal)
                .ThenBy(s => s.Title, StringComparer.Ordinal)
                .ThenBy(s => s.Id, StringComparer.Ordinal).Select(s => Row(s.Title, s.Artist, s.Year > 0 ? s.Year : null, s.Length, s.Id))],
            "rows-per-table" =>
            [
                Row("staging_events", _events.Count), Row(
                    "staging_songs", _songs.Count), Row("songplays", _plays.Count), Row("users", _users.Count),
                Row("songs", _songs.Count), Row("artists", _songs.DistinctBy(s => s.ArtistId)
                    .Count()), Row("time", _plays.DistinctBy(p => p.At).Count()),
            ],
            "first-and-last" =>
                [Row("events", _events.Count, _events.Min(e => e.At), _events.Max(e => e.At)), Row(
                    "plays", _plays.Count, _plays.Min(p => p.At), _plays.Max(p => p.At))],
            "events-by-page" =>
                [.. _events.Where(e => In(e.At)).GroupBy(e => e.Page).OrderByDescending(g => g.Count())
                    .ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => Row(g.Key, g.Count()))],
            "matched-plays" =>
                [.. plays.GroupBy(Matched).OrderByDescending(g => g.Key)
                    .Select(g => Row(g.Key ? "in the catalogue" : "not in the catalogue", g.Count()))],
            _ => throw new ArgumentException($"There is no reference for the report {report}.", nameof(report)),
        };

        bool In(DateTime at) =>
            (given.GetValueOrDefault("from") is not { } from || at >= Date(from))
                && (given.GetValueOrDefault("to") is not { } to || at < Date(to).AddDays(1));

        IEnumerable<IGrouping<DateTime, Event>> Periods(IEnumerable<Event> events) =>
            events.GroupBy(e => per switch
            {
                "week" => e.At.Date.AddDays(-(((int)e.At.DayOfWeek + 6) % 7)),
                "month" => e.At.Date.AddDays(1 - e.At.Day),
                "year" => e.At.Date.AddDays(1 - e.At.DayOfYear),
                _ => e.At.Date,
            }).OrderBy(g => g.Key);
    }

    /// <summary>A row as one text, the same way for both sides.</summary>
    public static string Row(params object?[] values) => string.Join('|', values.Select(value => value switch
    {
        null => "–",
        double number => Math.Round(number, 3).ToString("0.000", CultureInfo.InvariantCulture),
        DateTime moment => moment.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    }));

    private static DateTime Date(string text) => DateTime.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static IEnumerable<IGrouping<(long, string), Event>> Sessions(IEnumerable<Event> plays) =>
        plays.Where(p => p.User is not null).GroupBy(p => (p.Session, p.User!));

    private static double Length(IEnumerable<Event> session)
    {
        var second = new Func<Event, long>(p => p.At.Ticks / TimeSpan.TicksPerSecond);
        return session.Max(p => second(p) + (p.Length ?? 0)) - session.Min(second);
    }

    private static string LengthClass(double seconds) => seconds switch
    {
        < 5 * 60 => "under 5 min",
        < 15 * 60 => "5 to 15 min",
        < 30 * 60 => "15 to 30 min",
        < 60 * 60 => "30 to 60 min",
        < 2 * 3600 => "1 to 2 h",
        < 4 * 3600 => "2 to 4 h",
        _ => "4 h or more",
    };

    private static string SizeClass(int plays) => plays switch
    {
        1 => "1",
        < 6 => "2 to 5",
        < 11 => "6 to 10",
        < 21 => "11 to 20",
        < 51 => "21 to 50",
        < 101 => "51 to 100",
        _ => "over 100",
    };

    private static List<string> Shares(List<Event> plays, Func<string, string> family) =>
        [.. plays.GroupBy(p => family(p.Agent ?? "")).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Row(g.Key, g.Count(), (double)g.Count() / plays.Count))];

    private static string Browser(string agent) => agent.Length == 0 ? "unknown"
        : agent.Contains("Trident/") || agent.Contains("MSIE ") ? "Internet Explorer" : agent.Contains("Firefox/") ? "Firefox"
        : agent.Contains("Chrome/") ? "Chrome" : agent.Contains("Safari/") ? "Safari" : "other";

    private static string System(string agent) => agent.Length == 0 ? "unknown"
        : agent.Contains("Windows") ? "Windows" : agent.Contains("iPhone") ? "iPhone" : agent.Contains("iPad") ? "iPad"
        : agent.Contains("Macintosh") ? "macOS" : agent.Contains("Linux") ? "Linux" : "other";

    private bool Matched(Event play) => Match(play) is not null;

    private Song? Match(Event play) => _songs
        .Where(s => s.Title == play.Title && s.Artist == play.Artist && play.Length is { } length && Math.Round(
            s.Length, 5) == Math.Round(length, 5))
        .MinBy(s => s.Id, StringComparer.Ordinal);

    private static Event Read(JsonElement e) => new(
        Text(e, "page"), DateTime.UnixEpoch.AddMilliseconds(e.GetProperty("ts").GetInt64()), Text(e, "userId") is { Length: > 0 } user
            ? user
            : null, Text(e, "level"),
        Text(e, "song"), Text(e, "artist"), e.GetProperty("length").ValueKind == JsonValueKind.Null
            ? null
            : e.GetProperty("length").GetDouble(),
        e.GetProperty("sessionId").GetInt64(), e.GetProperty("itemInSession").GetInt32(), Text(e, "location") is { Length: > 0 } place
            ? place
            : null, Text(e, "userAgent"),
        Text(e, "gender"), Text(e, "firstName"), Text(e, "lastName"));

    private static Song ReadSong(JsonElement s) => new(
        Text(s, "song_id")!, Text(s, "title"), Text(s, "artist_id")!, Text(s, "artist_name"), s.GetProperty("duration")
            .GetDouble(), s.GetProperty("year").GetInt32());

    private static string? Text(JsonElement e, string key) => e.TryGetProperty(key, out var value) ? value.GetString() : null;

    private sealed record Event(
        string? Page, DateTime At, string? User, string? Level, string? Title, string? Artist, double? Length, long Session, int Item,
        string? Place, string? Agent,
        string? Gender, string? First, string? Last);

    private sealed record Song(string Id, string? Title, string ArtistId, string? Artist, double Length, int Year);
}
