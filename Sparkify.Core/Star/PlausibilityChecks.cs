using System.Globalization;

namespace Sparkify.Core.Star;

/// <summary>
/// Checks that ask whether a star can be true, where <see cref="StarChecks"/> ask whether it agrees with itself: against the source, the
/// calendar and the star of before.
/// </summary>
internal static class PlausibilityChecks
{
    // Of fewer records that are added, a person is told and not asked: one odd song would hold up every night.
    private const long LeastToAskOf = 20;

    private static readonly DateTime Early = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<JudgedCheck> All { get; } =
    [
        new(
            new StarCheck("times_plausible", "Do all plays lie between the year 2000 and tomorrow?"),
            static (figures, known) => Times(figures, known)),
        new(
            new StarCheck("star_not_empty", "Does every table that should have rows have some?"),
            static (figures, known) => Empty(figures[Events], known.Sizes(figures))),
        new(
            new StarCheck("near_the_published", "Is the star about as large as the published one, or larger?"),
            static (figures, known) => Shrunk(known.Sizes(figures), known)),
        new(
            new StarCheck("event_fields_present", "Do events have the fields the star is made of?"),
            static (figures, known) => EventFields(figures, known) is { Found: > 0 } missing ? missing : PlayFields(figures, known)),
        new(
            new StarCheck("song_fields_present", "Do song records have the fields the star is made of?"), SongFields),
    ];

    private static string Events => StarPasses.Rows(StarSchema.StagingEvents);

    private static Finding EventFields(StarFigures figures, WhatIsKnown known) =>
        Fields(figures, known, "events", figures[Events], StarSchema.StagingEvents, StarPasses.EventFields);

    private static Finding PlayFields(StarFigures figures, WhatIsKnown known) =>
        Fields(figures, known, "plays", figures["plays"], StarSchema.StagingEvents, StarPasses.PlayFields);

    private static Finding SongFields(StarFigures figures, WhatIsKnown known) => Fields(
        figures, known, "songs", figures[StarPasses.Rows(StarSchema.StagingSongs)], StarSchema.StagingSongs, StarPasses.SongFields);

    private static Finding Times(StarFigures figures, WhatIsKnown known)
    {
        var now = known.Now;
        var (all, early, late) = (figures["timed"], figures["early"], figures["late"]);
        if (early > 0)
        {
            var (first, last) = (figures.Time("first_time"), figures.Time("last_early_time"));
            // Seconds read as milliseconds: a thousand times as far from 1970 they lie where plays can be.
            var seconds = Thousandfold(first) is var from && from >= Early && Thousandfold(last) <= now.AddDays(1);
            return Doubt(early, $"{Of(early, all, "play")} before the year 2000 (from {first:yyyy-MM-dd} to {last:yyyy-MM-dd})" +
                (seconds ? ": the field ts looks like seconds, where milliseconds are expected." : "."), asks: early * 2 > all && MayAskOf(all, known));
        }

        return late == 0 ? Finding.None
            : Doubt(late, $"{Of(late, all, "play")} in the future (up to {figures.Time("last_time"):yyyy-MM-dd}).", asks: late * 2 > all && MayAskOf(all, known));
    }

    private static bool MayAskOf(long records, WhatIsKnown known) => !known.Adds || records >= LeastToAskOf;

    private static DateTime Thousandfold(DateTime time) =>
        (time - DateTime.UnixEpoch).TotalDays * 1000 is var days && days is > 0 and < 100_000
            ? DateTime.UnixEpoch.AddDays(days)
            : DateTime.MinValue;

    private static string Of(long some, long all, string what) => string.Create(
        CultureInfo.InvariantCulture, $"{(some == all ? "All" : $"{some:N0} of")} {all:N0} {what}{(all == 1 ? " lies" : "s lie")}");

    private static Finding Fields(
        StarFigures figures, WhatIsKnown known, string records, long all, StarTable table, IReadOnlyList<string> columns)
    {
        var missing = columns.Where(c => figures[StarPasses.With(records, c)] * 100 < all * known.Limits.LeastWithField)
            .Select(c => table.Columns.Single(t => t.Name == c).JsonKey).ToList();
        var what = (records == "songs" ? "song records" : records)[..^(all == 1 ? 1 : 0)];
        return missing.Count == 0 ? Finding.None : Doubt(all, string.Create(
            CultureInfo.InvariantCulture,
            $"{(all == 1 ? "" : "All or nearly all of ")}{all:N0} {what} {(all == 1 ? "has" : "have")} no {string.Join(", no ", missing)}: are the fields named otherwise?"),
            asks: MayAskOf(all, known));
    }

    private static Finding Empty(long events, StarSizes star) =>
        events > 0 && star.Plays == 0 ? Doubt(events, string.Create(
            CultureInfo.InvariantCulture, $"None of {events:N0} events is a play (its page is NextSong), so songplays is empty."), asks: true)
        : star is { Plays: > 0, Users: 0 } ? Doubt(star.Plays, "No play names its user, so users is empty.", asks: true)
        // Whoever has no catalogue yet still has plays to count; one that got lost is found by its size.
        : star.Songs == 0 ? Doubt(1, "The song catalogue is empty, so no play can be found in it.", asks: false)
        : Finding.None;

    private static Finding Shrunk(StarSizes now, WhatIsKnown known)
    {
        if (known.Published is not { } before)
        {
            return new Finding(Verdict.Sound, 0, "Nothing is published yet to compare with.");
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
        return shrunk.Count == 0 ? Finding.None : Doubt(
            shrunk.Max(static s => s.Before - s.Now), $"Far fewer than in the star of before: {string.Join(", ", fewer)}.", asks: true);
    }

    private static Finding Doubt(long found, string sentence, bool asks) =>
        new(asks ? Verdict.Unlikely : Verdict.Doubtful, found, sentence);
}
