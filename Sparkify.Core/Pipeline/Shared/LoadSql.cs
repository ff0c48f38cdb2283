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

    private LoadSql(string folder, bool oneByOne, Dictionary<string, string> words) =>
        (_folder, _oneByOne, _words) = (folder, oneByOne, words);

    /// <summary>For warehouses on PostgreSQL.</summary>
    public static LoadSql Postgres { get; } = new("Postgres", oneByOne: false, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bytewise"] = " collate \"C\"",
        ["text"] = "text",
        ["written_once"] = PostgresDdl.WrittenOnce,
        ["milliseconds"] = "cast(date_part('epoch', ts) * 1000 as bigint)",
        ["known"] = "select * from known_users", // which Postgres/users.sql makes
        ["digest_as_key"] = "cast(cast('x' || left(e.digest, 16) as bit(64)) as bigint)",
    });

    /// <summary>For warehouses on Redshift, where text is always compared by its bytes.</summary>
    public static LoadSql Redshift { get; } = new("Redshift", oneByOne: true, new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bytewise"] = "",
        ["known"] = "{known_users}",
        ["text"] = "varchar(20)",
        ["milliseconds"] = "datediff(ms, cast('1970-01-01' as timestamp), ts)",
        // There is no cast from bits: two halves of 32 bits each, of which the upper one carries the sign.
        ["digest_as_key"] =
            "(strtol(substring(e.digest, 1, 8), 16) - case when substring(e.digest, 1, 1) >= '8' then 4294967296 else 0 end) * 4294967296 + strtol(substring(e.digest, 9, 8), 16)",
    });

    /// <summary>
    /// The statements that fill a table of the star in a schema anew: those of the table's own file, or else those for any table.
    /// </summary>
    public IReadOnlyList<string> Build(StarTable table, string schema)
    {
        var own = SqlText.Exists($"Pipeline.Sql.{_folder}.{table.Name}.sql");
        var text = Fill(Text(_folder, own ? table.Name : "table"), schema, table);
        return _oneByOne ? Split(text) : [text];
    }

    /// <summary>The statements that fill a table from what was gathered in passing, and end that.</summary>
    public IReadOnlyList<string> BuildPassed(StarTable table, string schema) =>
        [Fill(Text(_folder, "table"), schema, table, passed: LatestEvents.Name), $"drop table {schema}.{LatestEvents.Name}"];

    /// <summary>The statements of a file for a schema, one by one.</summary>
    public IReadOnlyList<string> Statements(string name, string schema) => Split(Fill(Text(_folder, name), schema, table: null));

    /// <summary>
    /// The query for what plays are found by in a schema's staged songs: title, artist, duration key; song id and artist id.
    /// </summary>
    public string Catalogue(string schema) => Fill(Text("Shared", "catalogue"), schema, table: null);

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

    private string Fill(string text, string schema, StarTable? table, string? passed = null) =>
        Braced().Replace(text, match => match.Groups["word"].Value switch
    {
        "schema" => schema,
        "table" => table!.Name,
        "key" => table!.Key.Name,
        "time" => string.Join(", ", StarSchema.Time.Columns.Select(Moment)),
        "play" => string.Join(", ", StarSchema.Songplays.Columns.Select(Play)),
        "play_events" => string.Join(", ", StarSchema.Songplays.Columns.Select(static c => c.From).OfType<string>()),
        "columns" => string.Join(", ", table!.Columns.Select(static c => c.Name)),
        "rows" => Fill(Text("Shared", table!.Name), schema, table, passed).TrimEnd(),
        var word when word == passed => $"select * from {schema}.{word}",
        var word when _words.TryGetValue(word, out var said) => Fill(said, schema, table),
        var word => Fill(Text("Shared", word), schema, table).TrimEnd(),
    });

    [GeneratedRegex(@"\{(?<word>[a-z_]+)\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Braced();
}
