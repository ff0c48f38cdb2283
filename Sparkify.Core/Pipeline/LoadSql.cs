using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>
/// The statements of a load in one dialect. A word in braces stands for what only the dialects' ways of saying differ in, or for a
/// file of <c>Sql/Shared</c>, which holds what is the same for both.
/// </summary>
internal sealed partial class LoadSql
{
    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, string> _words;
    private readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    private LoadSql(string folder, Dictionary<string, string> words) => (_folder, _words) = (folder, words);

    /// <summary>For warehouses on PostgreSQL.</summary>
    public static LoadSql Postgres { get; } = new("Postgres", new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bytewise"] = " collate \"C\"",
        ["text"] = "text",
        ["milliseconds"] = "cast(date_part('epoch', ts) * 1000 as bigint)",
        ["digest_as_key"] = "cast(cast('x' || left(e.digest, 16) as bit(64)) as bigint)",
    });

    /// <summary>For warehouses on Redshift, where text is always compared by its bytes.</summary>
    public static LoadSql Redshift { get; } = new("Redshift", new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["bytewise"] = "",
        ["text"] = "varchar(20)",
        ["milliseconds"] = "datediff(ms, cast('1970-01-01' as timestamp), ts)",
        // There is no cast from bits: two halves of 32 bits each, of which the upper one carries the sign.
        ["digest_as_key"] =
            "(strtol(substring(e.digest, 1, 8), 16) - case when substring(e.digest, 1, 1) >= '8' then 4294967296 else 0 end) * 4294967296 + strtol(substring(e.digest, 9, 8), 16)",
        ["schema"] = Schemas.Build,
    });

    /// <summary>The text of a file.</summary>
    public string Load(string name) => _texts.GetOrAdd(name, key => Fill(SqlText.Load($"Pipeline.Sql.{_folder}.{key}.sql")));

    /// <summary>The statements of a file one by one, for servers that take one at a time; for another schema when asked.</summary>
    public IReadOnlyList<string> Statements(string name, string? schema = null)
    {
        var text = schema is null ? Load(name) : Fill(SqlText.Load($"Pipeline.Sql.{_folder}.{name}.sql").Replace("{schema}", schema, StringComparison.Ordinal));
        return [.. text.Split(";\n").Select(static s => s.Trim()).Where(static s => s.Length > 0)];
    }

    private string Fill(string text) => Braced().Replace(text, match => match.Groups["word"].Value is var word && _words.TryGetValue(word, out var said)
        ? said
        : Fill(SqlText.Load($"Pipeline.Sql.Shared.{word}.sql")).TrimEnd());

    [GeneratedRegex(@"\{(?<word>[a-z_]+)\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Braced();
}
