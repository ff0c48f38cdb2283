using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Core.Star;

/// <summary>How large a star is: the one that was built, or the published one by the counts of the store.</summary>
/// <param name="Plays">Rows of songplays.</param>
/// <param name="Matched">Those found in the catalogue.</param>
/// <param name="Songs">Rows of songs.</param>
/// <param name="Users">Rows of users.</param>
/// <param name="Days">Days with plays; unknown for a star of before they were counted.</param>
internal sealed record StarSizes(long Plays, long Matched, long Songs, long Users, long? Days);

/// <summary>What a star is held against.</summary>
/// <param name="Now">The present moment, in UTC.</param>
/// <param name="Published">The sizes of the published star; none before the first.</param>
/// <param name="Limits">When a person is asked.</param>
internal sealed record WhatIsKnown(DateTime Now, StarSizes? Published, DecisionLimits Limits);

/// <summary>What is to be said about a star.</summary>
/// <param name="Found">How many records it is about; 0 when nothing is wrong.</param>
/// <param name="Sentence">What it is.</param>
/// <param name="Asks">Whether a person has to decide before such a star is published.</param>
internal sealed record Finding(long Found, string? Sentence, bool Asks)
{
    /// <summary>Nothing.</summary>
    public static Finding None { get; } = new(0, null, Asks: false);
}

/// <summary>A question whether a star can be true, and what to think of the answer.</summary>
/// <param name="Check">Its name and question.</param>
/// <param name="Judge">Judges a row of its query.</param>
internal sealed record PlausibilityCheck(StarCheck Check, Func<IReadOnlyList<object>, WhatIsKnown, Finding> Judge);

/// <summary>A query that several checks are judged by, in one pass over its table.</summary>
/// <param name="Text">One row of numbers and times; <c>{0}</c> stands for the schema, <c>{1}</c> for tomorrow.</param>
/// <param name="Checks">The checks.</param>
internal sealed record PlausibilityQuery(string Text, IReadOnlyList<PlausibilityCheck> Checks)
{
    /// <summary>The query for a schema, as of a moment.</summary>
    public string Sql(string schema, DateTime now) => string.Format(
        CultureInfo.InvariantCulture, Text, schema, now.AddDays(1).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
}

/// <summary>
/// Checks that ask whether a star can be true, where <see cref="StarChecks"/> ask whether it agrees with itself: against the source, the
/// calendar and the star of before. Written in what PostgreSQL and Redshift have in common.
/// </summary>
internal static class PlausibilityChecks
{
    private const string DaysOf =
        "select count(*) as days from (select 1 from {0}.songplays where start_time is not null group by date_trunc('day', start_time)) each_day";

    private static readonly DateTime Early = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PlausibilityQuery> All { get; } =
    [
        new(
            $$"""
            select count(start_time), count(case when start_time < timestamp '2000-01-01 00:00:00' then 1 end),
                   min(start_time), max(case when start_time < timestamp '2000-01-01 00:00:00' then start_time end), max(start_time),
                   count(case when start_time > timestamp '{1}' then 1 end), count(*), count(song_id),
                   (select count(*) from {0}.songs), (select count(*) from {0}.users), (select count(*) from {0}.staging_events),
                   ({{DaysOf}})
            from   {0}.songplays
            """,
            [
                new(
                    new StarCheck("times_plausible", "Do all plays lie between the year 2000 and tomorrow?"),
                    static (row, known) => Times(row, known.Now)),
                new(
                    new StarCheck("star_not_empty", "Does every table that should have rows have some?"),
                    static (row, _) => Empty(events: N(row, 10), plays: N(row, 6), users: N(row, 9), songs: N(row, 8))),
                new(
                    new StarCheck("near_the_published", "Is the star about as large as the published one, or larger?"),
                    static (row, known) => Shrunk(
                        new StarSizes(Plays: N(row, 6), Matched: N(row, 7), Songs: N(row, 8), Users: N(row, 9), Days: N(row, 11)), known)),
            ]),
        new(
            """
            select count(*), count(page), count(ts), count(session_id),
                   count(case when page = 'NextSong' then 1 end), count(case when page = 'NextSong' then nullif(user_id, '') end),
                   count(case when page = 'NextSong' then nullif(song, '') end), count(case when page = 'NextSong' then nullif(artist, '') end),
                   count(case when page = 'NextSong' then length end), count(case when page = 'NextSong' then nullif(level, '') end)
            from   {0}.staging_events
            """,
            [
                new(
                    new StarCheck("event_fields_present", "Do events have the fields the star is made of?"),
                    static (row, known) =>
                        Fields(known, "events", N(row, 0), row, 1, "page", "ts", "sessionId") is { Found: > 0 } of ? of
                        : Fields(known, "plays", N(row, 4), row, 5, "userId", "song", "artist", "length", "level")),
            ]),
        new(
            """
            select count(*), count(nullif(song_id, '')), count(nullif(title, '')), count(nullif(artist_id, '')),
                   count(nullif(artist_name, '')), count(duration)
            from   {0}.staging_songs
            """,
            [
                new(
                    new StarCheck("song_fields_present", "Do song records have the fields the star is made of?"),
                    static (row, known) =>
                        Fields(known, "song records", N(row, 0), row, 1, "song_id", "title", "artist_id", "artist_name", "duration")),
            ]),
    ];

    /// <summary>A query for one number, <c>days</c>: how many days (in UTC) the star of a schema has plays on.</summary>
    public static string Days(string schema) => DaysOf.Replace("{0}", schema, StringComparison.Ordinal);

    private static Finding Times(IReadOnlyList<object> row, DateTime now)
    {
        var (all, early, late) = (N(row, 0), N(row, 1), N(row, 5));
        if (early > 0)
        {
            var (first, last) = ((DateTime)row[2], (DateTime)row[3]);
            // Seconds read as milliseconds: a thousand times as far from 1970 they lie where plays can be.
            var seconds = Thousandfold(first) is var from && from >= Early && Thousandfold(last) <= now.AddDays(1);
            return new Finding(early, $"{Of(early, all, "play")} before the year 2000 (from {first:yyyy-MM-dd} to {last:yyyy-MM-dd})" +
                (seconds ? ": the field ts looks like seconds, where milliseconds are expected." : "."), Asks: early * 2 > all);
        }

        return late == 0 ? Finding.None
            : new Finding(late, $"{Of(late, all, "play")} in the future (up to {(DateTime)row[4]:yyyy-MM-dd}).", Asks: late * 2 > all);
    }

    private static DateTime Thousandfold(DateTime time) =>
        (time - DateTime.UnixEpoch).TotalDays * 1000 is var days && days is > 0 and < 100_000
            ? DateTime.UnixEpoch.AddDays(days)
            : DateTime.MinValue;

    private static string Of(long some, long all, string what) => string.Create(
        CultureInfo.InvariantCulture, $"{(some == all ? "All" : $"{some:N0} of")} {all:N0} {what}{(all == 1 ? " lies" : "s lie")}");

    private static Finding Fields(
        WhatIsKnown known, string what, long records, IReadOnlyList<object> row, int from, params ReadOnlySpan<string> keys)
    {
        List<string> missing = [];
        foreach (var (at, key) in keys.ToArray().Index())
        {
            if (N(row, from + at) * 100 < records * known.Limits.LeastWithField)
            {
                missing.Add(key);
            }
        }

        return missing.Count == 0 ? Finding.None : new Finding(records, string.Create(
            CultureInfo.InvariantCulture,
            $"All or nearly all of {records:N0} {what} have no {string.Join(", no ", missing)}: are the fields named otherwise?"), Asks: true);
    }

    private static Finding Empty(long events, long plays, long users, long songs) =>
        events > 0 && plays == 0 ? new Finding(events, string.Create(
            CultureInfo.InvariantCulture, $"None of {events:N0} events is a play (its page is NextSong), so songplays is empty."), Asks: true)
        : plays > 0 && users == 0 ? new Finding(plays, "No play names its user, so users is empty.", Asks: true)
        // Whoever has no catalogue yet still has plays to count; one that got lost is found by its size.
        : songs == 0 ? new Finding(1, "The song catalogue is empty, so no play can be found in it.", Asks: false)
        : Finding.None;

    private static Finding Shrunk(StarSizes now, WhatIsKnown known)
    {
        if (known.Published is not { } before)
        {
            return new Finding(0, "Nothing is published yet to compare with.", Asks: false);
        }

        var shrunk = new (string One, string Many, long Now, long Before)[]
        {
            ("play", "plays", now.Plays, before.Plays),
            ("song", "songs", now.Songs, before.Songs),
            ("user", "users", now.Users, before.Users),
            ("day with plays", "days with plays", now.Days ?? 0, before.Days ?? 0),
        }.Where(s => s.Now * 100 < s.Before * known.Limits.LeastOfPublished).ToList();
        if (known.Limits.LeastOfPublished > 0 && before.Matched > 0 && now.Matched == 0 && now.Plays > 0)
        {
            shrunk.Add(("play found in the catalogue", "plays found in the catalogue", 0, before.Matched));
        }

        var fewer = shrunk.Select(static s => string.Create(
            CultureInfo.InvariantCulture, $"{s.Now:N0} {(s.Now == 1 ? s.One : s.Many)} ({(s.Before == 1 ? "was" : "were")} {s.Before:N0})"));
        return shrunk.Count == 0 ? Finding.None : new Finding(
            shrunk.Max(static s => s.Before - s.Now), $"Far fewer than in the star of before: {string.Join(", ", fewer)}.", Asks: true);
    }

    private static long N(IReadOnlyList<object> row, int at) => Convert.ToInt64(row[at], CultureInfo.InvariantCulture);
}
