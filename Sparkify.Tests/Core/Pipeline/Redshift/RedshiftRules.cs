using System.Text.RegularExpressions;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>
/// Looks a statement over for what PostgreSQL takes and Redshift does not; knows nothing of the simulator's own refusals.
/// </summary>
internal static partial class RedshiftRules
{
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "array", "array_agg", "bigserial", "bytea", "clock_timestamp", "collate", "concat_ws", "current_schema", "discard", "do",
        "generate_series", "infinity", "jsonb",
        "lateral", "listen", "money", "notify", "now", "nextval", "num_nonnulls", "num_nulls", "ordinality", "pg_advisory_lock", "pg_sleep",
        "pg_total_relation_size",
        "regclass", "regnamespace", "returning", "rollup", "savepoint", "serial", "sequence", "string_agg", "substr", "tablesample",
        "tablespace", "to_regclass",
        "to_regnamespace", "truncate", "unlisten", "unlogged", "unnest", "uuid", "xml",
    };

    // Words one after another; the last may be a bracket.
    private static readonly string[] Sequences =
    [
        "on conflict", "distinct on", "filter (", "create index", "create unique index", "create extension", "create type", "from stdin",
        "to stdout", "set local",
        "any ( array", "rows from", "within time zone", "not valid", "create materialized", "access exclusive", "is json", "alter system",
        "using gin", "using btree",
        "for update", "skip locked", "grouping sets",
    ];

    /// <summary>What is wrong with a statement, as far as these rules know.</summary>
    public static IReadOnlyList<string> Problems(string sql)
    {
        var tokens = Tokens().Matches(sql).Select(static m => m.Value)
            .Where(static t => !t.StartsWith("--", StringComparison.Ordinal) && !t.StartsWith("/*", StringComparison.Ordinal)).ToList();
        var plain = tokens.ConvertAll(static t => t[0] == '\'' ? "'…'" : t.ToLowerInvariant());
        while (plain.Count > 0 && plain[^1] == ";")
        {
            plain.RemoveAt(plain.Count - 1);
        }

        var joined = $" {string.Join(' ', plain)} ";
        List<string> wrong = [.. plain.Where(Words.Contains).Distinct().Select(static w => $"'{w}'")];
        wrong.AddRange(Sequences.Where(s => joined.Contains($" {s} ", StringComparison.Ordinal)).Select(static s => $"'{s}'"));
        wrong.AddRange(tokens.Where(static t => t is "'isodow'" or "'infinity'" or "'-infinity'").Select(static t => $"the word {t}"));
        AddIf(plain.Contains(";"), "several statements");
        AddIf(plain.Contains("["), "an array");
        AddIf(plain.Any(static t => t.StartsWith('$') && !char.IsDigit(t[^1])), "dollar quotes");
        AddIf(
            plain.Zip(plain.Skip(1)).Any(static p => p is { First: "varchar" or "char", Second: not "(" }), "a text type without a length");
        AddIf(
            plain.Zip(plain.Skip(1)).Any(static p => p is { First: "as" or "::", Second: "text" or "bit" or "json" }),
            "a cast to a type that is not there, or holds 256 bytes only");
        AddIf(plain[0] is "create" && plain.Zip(plain.Skip(1))
            .Any(static p => p.Second is "text" or "json" && p.First is not ("(" or ",")), "a column of type text or json");
        AddIf(plain[0] is "select" or "with" && plain.Contains("values"), "VALUES as a table");
        AddIf(plain[0] is "update" or "delete" && plain.Contains("with"), "a common table expression in a change");
        return wrong;

        void AddIf(bool found, string what)
        {
            if (found)
            {
                wrong.Add(what);
            }
        }
    }

    [GeneratedRegex("""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$[a-z0-9_]*\$?|::|[a-z_][a-z0-9_]*|[0-9.]+|\S""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Singleline, 5000)]
    private static partial Regex Tokens();
}
