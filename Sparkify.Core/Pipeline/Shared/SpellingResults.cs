using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>Asks whether one thing is spelled in two ways; what is found is a warning with examples.</summary>
/// <param name="db">A connection to the warehouse.</param>
/// <param name="schema">Where the new star is.</param>
/// <param name="composeAsync">Gives composed forms of texts.</param>
internal sealed class SpellingResults(
    NpgsqlConnection db, string schema,
    Func<IReadOnlyCollection<string>, CancellationToken, Task<IReadOnlyDictionary<string, string>>> composeAsync)
{
    private const int MostExamples = 5;
    private const int LongestExample = 60;

    /// <summary>The results of the checks that compare ids and names.</summary>
    public async Task<IReadOnlyList<CheckResult>> OfNamesAsync(CancellationToken ct)
    {
        var ids = Ids(await RowsAsync(SpellingChecks.IdsSql, static r => (r.GetString(0), r.GetString(1), r.GetString(2)), ct));
        var (names, missed, limit) = await NamesAsync(ct);
        return
        [
            Result(SpellingChecks.Ids, ids),
            Result(SpellingChecks.Names, names, limit),
            Result(SpellingChecks.NearMisses, missed, limit),
        ];
    }

    /// <summary>The results of the checks of words that have a meaning; what is odd is looked up when there is any.</summary>
    public async Task<IReadOnlyList<CheckResult>> OfWordsAsync(StarFigures figures, CancellationToken ct) =>
    [
        Result(SpellingChecks.Pages, figures["odd_pages"] == 0 ? null : Pages(await CountsAsync(SpellingChecks.PagesSql, ct))),
        Result(SpellingChecks.Levels, figures["odd_levels"] == 0 ? null : Levels(await CountsAsync(SpellingChecks.LevelsSql, ct))),
    ];

    private static CheckResult Result(StarCheck check, (long Found, string Sentence)? doubt, string? limit = null) =>
        doubt is var (found, sentence)
            ? new CheckResult(check.Name, check.Question, CheckOutcome.Warning, found, limit is null ? sentence : $"{sentence} {limit}")
            : new CheckResult(check.Name, check.Question, CheckOutcome.Passed, 0, limit);

    private static (long, string)? Ids(List<(string Kind, string Plain, string Id)> ids)
    {
        if (ids.Count == 0)
        {
            return null;
        }

        var alike = ids.GroupBy(static i => (i.Kind, i.Plain)).ToList();
        var kinds = string.Join(" and ", ids.GroupBy(static i => i.Kind).Select(static k => Counted(k.Count(), $"{k.Key} id")));
        var examples = alike.Take(MostExamples).Select(static a => $"{a.Key.Kind} {string.Join(", ", a.Take(MostExamples).Select(static i => Quoted(i.Id)))}");
        return (ids.Count, $"{kinds} look like another one but for blanks, leading zeros or .0, and each counts by itself: {Listed(examples, alike.Count)}.");
    }

    private static (long, string)? Pages(List<(string Page, long Events)> pages) => pages.Count == 0 ? null : (
        pages.Sum(static p => p.Events),
        $"{string.Join(" and ", pages.Take(MostExamples).Select(static p => $"{Counted(p.Events, "event")} {(p.Events == 1 ? "has" : "have")} the page {Quoted(p.Page)}"))}" +
        $"{Beyond(pages.Count)}, which is not NextSong: they do not count as plays.");

    private static (long, string)? Levels(List<(string Level, long Plays)> levels) => levels.Count == 0 ? null : (
        levels.Sum(static l => l.Plays),
        $"{string.Join(" and ", levels.Take(MostExamples).Select(static l => $"{Counted(l.Plays, "play")} {(l.Plays == 1 ? "has" : "have")} the level {Quoted(l.Level)}"))}" +
        $"{Beyond(levels.Count)}, which is neither free nor paid: reports by level leave them out.");

    private async Task<((long, string)? Names, (long, string)? Missed, string? Limit)> NamesAsync(CancellationToken ct)
    {
        var catalogue = await RowsAsync(
            SpellingChecks.CatalogueSql, static r => new Named(Text(r, 0), Text(r, 1), Number(r, 2), 0, 0), ct);
        var played = await RowsAsync(
            SpellingChecks.PlaysSql, static r => new Named(Text(r, 0), Text(r, 1), Number(r, 2), r.GetInt64(3), r.GetInt64(4)), ct);
        var composed = await composeAsync(
            [.. catalogue.Concat(played).SelectMany(static n => (string[])[n.Artist, n.Title]).Where(Spelling.MayBeApart).Distinct()], ct);
        var (artists, spelledSongs) = (new Spellings<string>(), new Spellings<(string Artist, string Title)>());
        var songs = new Dictionary<(string Artist, string Title, long Duration), (Spelling Artist, Spelling Title)>();
        foreach (var song in catalogue)
        {
            var (artist, title) = See(song);
            if (song.Duration is { } duration)
            {
                songs.TryAdd((artist.Folded, title.Folded, duration), (artist, title));
            }
        }

        List<string> examples = [];
        var (plays, missed) = (0L, 0);
        foreach (var play in played)
        {
            var (artist, title) = See(play);
            if (play is { Found: 0, Duration: { } duration } && songs.TryGetValue((artist.Folded, title.Folded, duration), out var song))
            {
                plays += play.Plays;
                missed++;
                if (examples.Count < MostExamples)
                {
                    examples.Add(
                        $"{Quoted(title.Text)} by {Quoted(artist.Text)} ({Counted(play.Plays, "play")}), in the catalogue {Quoted(song.Title.Text)} by " +
                        $"{Quoted(song.Artist.Text)} ({Ways(artist, song.Artist, title, song.Title)})");
                }
            }
        }

        var limit = catalogue.Count == SpellingChecks.MostSpellings || played.Count == SpellingChecks.MostSpellings
            ? string.Create(CultureInfo.InvariantCulture, $"Of all songs {SpellingChecks.MostSpellings:N0} were looked at.")
            : null;
        var pairs = artists.Pairs + spelledSongs.Pairs;
        return (
            pairs == 0 ? null : (pairs, $"{Counted(pairs, "name")} of artists or songs {(pairs == 1 ? "differs" : "differ")} from another one only in case, blanks or " +
                $"Unicode form, and each counts by itself: {Listed(artists.Examples.Concat(spelledSongs.Examples).Take(MostExamples), pairs)}."),
            plays == 0 ? null : (plays, $"{Counted(plays, "play")} would be found in the catalogue but for case, blanks or Unicode form: {Listed(examples, missed)}."),
            limit);

        (Spelling Artist, Spelling Title) See(Named named)
        {
            var (artist, title) = (Of(named.Artist), Of(named.Title));
            artists.See(artist.Spaced, artist.Text, (artist, Spelling.None));
            spelledSongs.See((artist.Folded, title.Folded), (artist.Spaced, title.Text), (artist, title));
            return (artist, title);
        }

        Spelling Of(string text) => new(text, composed.GetValueOrDefault(text, text));
    }

    private static string Ways(Spelling artist, Spelling ofArtist, Spelling title, Spelling ofTitle) => string.Join(
        " and ", ((string[])[artist.DifferenceTo(ofArtist), title.DifferenceTo(ofTitle)]).SelectMany(static w => w.Split(" and "))
            .Where(static w => w.Length > 0).Distinct());

    private Task<List<(string Text, long Count)>> CountsAsync(string sql, CancellationToken ct) =>
        RowsAsync(sql, static r => (r.GetString(0), r.GetInt64(1)), ct);

    private async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(SpellingChecks.Of(sql, schema), db) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<T> rows = [];
        while (await reader.ReadAsync(ct))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static string Text(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? "" : row.GetString(at);

    private static long? Number(NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetInt64(at);

    private static string Counted(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string Listed(IEnumerable<string> examples, long all) => $"{string.Join("; ", examples)}{Beyond(all)}";

    private static string Beyond(long all) =>
        all > MostExamples ? string.Create(CultureInfo.InvariantCulture, $" and {all - MostExamples:N0} more") : "";

    // In quotes, so that a blank at the end is seen.
    private static string Quoted(string text) => $"\"{(text.Length <= LongestExample ? text : $"{text[..LongestExample]}…")}\"";

    /// <summary>A song by its names, as the catalogue or the log has it.</summary>
    private readonly record struct Named(string Artist, string Title, long? Duration, long Plays, long Found);

    /// <summary>
    /// Spellings of things, by what is the same for all spellings of one. Artists whose names differ in case alone may well be two: they
    /// are taken for one when they have a song of the same title, too.
    /// </summary>
    private sealed class Spellings<T>
        where T : IEquatable<T>
    {
        private readonly Dictionary<T, (T Text, Spelling Artist, Spelling Title)> _first = [];
        private readonly HashSet<(T Same, T Text)> _others = [];

        /// <summary>How many spellings there are beside the first ones.</summary>
        public int Pairs => _others.Count;

        public List<string> Examples { get; } = [];

        public void See(T same, T text, (Spelling Artist, Spelling Title) song)
        {
            ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, same, out var known);
            if (!known)
            {
                first = (text, song.Artist, song.Title);
            }
            else if (!first.Text.Equals(text) && _others.Add((same, text)) && Examples.Count < MostExamples)
            {
                var (_, artist, title) = first;
                Examples.Add(string.Join(" with ", new[] { (artist, song.Artist), (title, song.Title) }
                    .Where(static p => p.Item1.Text != p.Item2.Text).Select(static p => Pair(p.Item1, p.Item2))));
            }
        }

        private static string Pair(Spelling one, Spelling other) => $"{Quoted(one.Text)} and {Quoted(other.Text)} ({one.DifferenceTo(other)})";
    }
}
