using System.Text.RegularExpressions;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Passing;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>
/// The statements of a load in one dialect. A word in braces stands for what only the dialects' ways of saying differ in, or for a
/// file of <c>Sql/Shared</c>, which holds what is the same for both.
/// </summary>
internal sealed partial class LoadSql
{
    private readonly string _folder;
    private readonly bool _oneByOne;
    private readonly IReadOnlyDictionary<string, string> _words;

    private LoadSql(string folder, bool oneByOne, IEnumerable<Dictionary<string, string>> words) =>
        (_folder, _oneByOne, _words) =
            (folder, oneByOne, words.SelectMany(static w => w).ToDictionary(StringComparer.Ordinal));

    // What is the same whether all of a star is built there or what is added to it.
    private static Dictionary<string, string> PostgresWords { get; } = new(StringComparer.Ordinal)
    {
        ["bytewise"] = " collate \"C\"",
        ["text"] = "text",
        ["written_once"] = PostgresDdl.WrittenOnce,
        ["milliseconds"] = "cast(date_part('epoch', ts) * 1000 as bigint)",
        ["known"] = "select * from known_users", // which gather_users.sql makes
        ["digest_as_key"] = "cast(cast('x' || left(e.digest, 16) as bit(64)) as bigint)",
    };

    private static Dictionary<string, string> AllRecords { get; } = new(StringComparer.Ordinal)
    {
        ["event_records"] = $"{{schema}}.{StarSchema.StagingEvents.Name}",
        ["song_records"] = $"{{schema}}.{StarSchema.StagingSongs.Name}",
    };

    /// <summary>For warehouses on PostgreSQL.</summary>
    public static LoadSql Postgres { get; } = new("Postgres", oneByOne: false, [PostgresWords, AllRecords]);

    /// <summary>
    /// For what is added to a star on PostgreSQL: of each table the rows that are new or change, and the keys of those that are gone. The
    /// records a table is built from are gathered first, as a table or view of the session.
    /// </summary>
    public static LoadSql Delta { get; } = new("Delta", oneByOne: false, [PostgresWords, new(StringComparer.Ordinal)
    {
        ["event_records"] = "event_records",
        ["song_records"] = "song_records",
        ["latest_columns"] = string.Join(", ", LatestEvents.Columns.Select(static c => c.Name)),
        ["event_columns"] = string.Join(", ", StarSchema.StagingEvents.Columns.Select(static c => c.Name)),
        ["song_columns"] = string.Join(", ", StarSchema.StagingSongs.Columns.Select(static c => c.Name)),
    }]);

    /// <summary>For warehouses on Redshift, where text is always compared by its bytes.</summary>
    public static LoadSql Redshift { get; } = new("Redshift", oneByOne: true, [AllRecords, new(StringComparer.Ordinal)
    {
        ["bytewise"] = "",
        ["known"] = "{known_users}",
        ["text"] = "varchar(20)",
        ["milliseconds"] = "datediff(ms, cast('1970-01-01' as timestamp), ts)",
        // There is no cast from bits: two halves of 32 bits each, of which the upper one carries the sign.
        ["digest_as_key"] =
            "(strtol(substring(e.digest, 1, 8), 16) - case when substring(e.digest, 1, 1) >= '8' then 4294967296 else 0 end) * 4294967296 + strtol(substring(e.digest, 9, 8), 16)",
    }]);

    /// <summary>
    /// The statements that fill a table of the star in a schema anew: those of the table's own file, or else those for any table; before
    /// them, where there are any, those that gather what it is made of.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="schema">Where it is built.</param>
    /// <param name="published">For what is added to a star: where that star is.</param>
    /// <param name="isGathered">Whether what it is made of was gathered in passing.</param>
    public IReadOnlyList<string> Build(StarTable table, string schema, string? published = null, bool isGathered = false)
    {
        var gather = $"gather_{table.Name}";
        Place place = new(schema, table, published);
        if (!Exists(gather))
        {
            return Statements(table, place);
        }

        var statements = Statements(table, place with { Gathered = LatestEvents.Name });
        return isGathered ? statements : [Fill(Text(_folder, gather), place), .. statements];
    }

    /// <summary>The statements of a file for a schema, one by one.</summary>
    public IReadOnlyList<string> Statements(string name, string schema) => Split(Fill(Text(_folder, name), new Place(schema, Table: null)));

    /// <summary>
    /// The query for what plays are found by in a schema's staged songs: title, artist, duration key; song id and artist id.
    /// </summary>
    public string Catalogue(string schema) => Fill(Text("Shared", "catalogue"), new Place(schema, Table: null));

    private IReadOnlyList<string> Statements(StarTable table, Place place)
    {
        var text = Fill(Text(_folder, Exists(table.Name) ? table.Name : "table"), place);
        return _oneByOne ? Split(text) : [text];
    }

    private string Play(StarColumn column) => column switch
    {
        { IsKey: true } => $"{_words["digest_as_key"]} as {column.Name}",
        { From: { } from, EmptyIsNull: true } => $"nullif(e.{from}, '') as {column.Name}",
        { From: { } from } => $"e.{from} as {column.Name}",
        _ => $"c.{column.Name}",
    };

    // date_part, not extract: in PostgreSQL the latter computes in numeric, at several times the cost.
    private static string Moment(StarColumn column) => column.Part switch
    {
        null => column.Name,
        // There is no isodow on Redshift.
        CalendarPart.Weekday => $"(cast(date_part('dow', start_time) as integer) + 6) % 7 + 1 as {column.Name}",
        { } part => $"cast(date_part('{part.Word()}', start_time) as integer) as {column.Name}",
    };

    private static IReadOnlyList<string> Split(string text) =>
        [.. text.Split(";\n").Select(static s => s.Trim()).Where(static s => s.Length > 0)];

    private static string Text(string folder, string name) => SqlText.Load($"Pipeline.Sql.{folder}.{name}.sql");

    private bool Exists(string name) => SqlText.Exists($"Pipeline.Sql.{_folder}.{name}.sql");

    private string Fill(string text, Place place) => Braced().Replace(text, match => match.Groups["word"].Value switch
    {
        "schema" => place.Schema,
        "published" => place.Published!,
        "table" => place.Table!.Name,
        "key" => place.Table!.Key.Name,
        "time" => string.Join(", ", StarSchema.Time.Columns.Select(Moment)),
        "play" => string.Join(", ", StarSchema.Songplays.Columns.Select(Play)),
        "play_events" => string.Join(", ", StarSchema.Songplays.Columns.Select(static c => c.From).OfType<string>()),
        "columns" => string.Join(", ", place.Table!.Columns.Select(static c => c.Name)),
        "rows" => Fill(Text("Shared", place.Table!.Name), place).TrimEnd(),
        var word when word == place.Gathered => $"select * from {place.Schema}.{word}",
        var word when _words.TryGetValue(word, out var said) => Fill(said, place),
        var word => Fill(Text(Exists(word) ? _folder : "Shared", word), place).TrimEnd(),
    });

    /// <summary>What statements are for.</summary>
    /// <param name="Schema">Where something is built.</param>
    /// <param name="Table">What is built.</param>
    /// <param name="Published">Where the star is that something is added to.</param>
    private sealed record Place(string Schema, StarTable? Table, string? Published = null)
    {
        /// <summary>The table of the build that was gathered, in the place of the query of its name.</summary>
        public string? Gathered { get; init; }
    }

    [GeneratedRegex(@"\{(?<word>[a-z_]+)\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Braced();
}
