using System.Globalization;

namespace Sparkify.Core.Star;

/// <summary>
/// Checks that ask whether one thing is spelled in two ways. Matching itself is exact, and stays so: what would be one thing but for its
/// spelling is counted and shown. Each query gives distinct spellings, never pairs of rows, and its work grows with the rows alone. Written
/// in what PostgreSQL and Redshift have in common; Unicode forms and case are compared by the application, since Redshift cannot bring text
/// into a form, and neither server's <c>lower</c> knows what the other's does.
/// </summary>
internal static class SpellingChecks
{
    /// <summary>How many spellings are looked at, of each kind: it is what bounds the memory.</summary>
    public const int MostSpellings = 200_000;

    /// <summary>Asks <see cref="IdsSql"/>.</summary>
    public static StarCheck Ids { get; } = new("ids_told_apart", "Do ids differ in more than blanks, leading zeros or .0?");

    /// <summary>Asks <see cref="CatalogueSql"/> and <see cref="PlaysSql"/>.</summary>
    public static StarCheck Names { get; } = new(
        "names_told_apart", "Is every artist, and every song, spelled in one way?");

    /// <summary>Asks the same two.</summary>
    public static StarCheck NearMisses { get; } = new(
        "matches_not_missed", "Is every play found in the catalogue that would be but for case, blanks or Unicode form?");

    /// <summary>Asks <see cref="PagesSql"/>.</summary>
    public static StarCheck Pages { get; } = new("pages_spelled_alike", "Is the page of every play spelled NextSong?");

    /// <summary>Asks <see cref="LevelsSql"/>.</summary>
    public static StarCheck Levels { get; } = new("levels_spelled_alike", "Is the level of every play spelled free or paid?");

    /// <summary>All of them, in the order they are asked.</summary>
    public static IReadOnlyList<StarCheck> All { get; } = [Ids, Names, NearMisses, Pages, Levels];

    // A blank, a no-break blank and a tab: what a server takes out of a text to see what is left.
    private const string Blanks = "' \u00A0\t'";

    private const string PlainId =
        $"ltrim(case when translate(id, {Blanks}, '') like '%.0' then substring(translate(id, {Blanks}, ''), 1, char_length(translate(id, {Blanks}, '')) - 2) " +
        $"else translate(id, {Blanks}, '') end, '0')";

    // Of ids that look alike at most one is plain, so that looking for others begins with those that are not: mostly there is none.
    /// <summary>The ids that look like another one: their kind, what they look like, the id.</summary>
    public const string IdsSql =
        $$"""
        with ids as (
            select kind, id, {{PlainId}} as plain
            from   (select 'user' as kind, user_id as id from {0}.users
                    union all select 'song', song_id from {0}.songs
                    union all select 'artist', artist_id from {0}.artists) named),
        odd as (select distinct kind, plain from ids where id <> plain),
        alike as (
            select ids.kind, ids.plain
            from   ids join odd on odd.kind = ids.kind and odd.plain = ids.plain
            group  by ids.kind, ids.plain
            having count(*) > 1)
        select ids.kind, ids.plain, ids.id
        from   ids join alike on alike.kind = ids.kind and alike.plain = ids.plain
        order  by ids.kind desc, ids.plain, ids.id
        limit  {1}
        """;

    /// <summary>The songs of the catalogue: artist, title, and the duration as plays are matched by it.</summary>
    public const string CatalogueSql =
        """
        select distinct artist_name, title, cast(round(case when abs(duration) < 1e9 then duration end * 100000) as bigint) as duration_key
        from   {0}.staging_songs
        where  song_id <> '' and artist_id <> ''
        limit  {1}
        """;

    /// <summary>The songs that were played: artist, title, duration, plays, and how many of these were found.</summary>
    public const string PlaysSql =
        """
        select artist_name, song_title, cast(round(case when abs(duration) < 1e9 then duration end * 100000) as bigint) as duration_key,
               count(*) as plays, count(song_id) as found
        from   {0}.songplays
        group  by 1, 2, 3
        limit  {1}
        """;

    /// <summary>Whether the page of an event would be a play's, were it spelled otherwise.</summary>
    public const string OddPage = $"page <> 'NextSong' and lower(translate(page, {Blanks}, '')) = 'nextsong'";

    /// <summary>The pages that would be plays, and how many events have each: asked when some event has an odd page.</summary>
    public const string PagesSql =
        $$"""
        select page, count(*) as events
        from   {0}.staging_events
        where  {{OddPage}}
        group  by page
        order  by events desc, page
        limit  {1}
        """;

    /// <summary>Whether the level of a play <c>f</c> would be one that is known, were it spelled otherwise.</summary>
    public const string OddLevel = $"f.level not in ('free', 'paid') and lower(translate(f.level, {Blanks}, '')) in ('free', 'paid')";

    /// <summary>The levels that would be free or paid, and how many plays have each: asked when some play has an odd level.</summary>
    public const string LevelsSql =
        $$"""
        select level, count(*) as plays
        from   {0}.songplays f
        where  {{OddLevel}}
        group  by level
        order  by plays desc, level
        limit  {1}
        """;

    /// <summary>A query for a schema.</summary>
    public static string Of(string sql, string schema) =>
        string.Format(CultureInfo.InvariantCulture, sql, schema, MostSpellings.ToString(CultureInfo.InvariantCulture));
}
