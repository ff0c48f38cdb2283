using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Core.Reports.Queries;

/// <summary>
/// Parameters in SQL, written <c>{{from}}</c>. Their values go to the server beside the text, never in it; which type a value has,
/// the server tells from where it stands.
/// </summary>
public static class SqlParameters
{
    /// <summary>The names, each once, in the order in which they come.</summary>
    public static IReadOnlyList<string> Names(string sql) =>
        [.. SqlPieces.Of(sql).Where(static p => p.Kind == SqlKind.Parameter).Select(p => SqlPieces.Name(sql, p)).Distinct()];

    /// <summary>
    /// The text with the server's own marks in place of the names, and the values in their order. No character moves, so that places in
    /// errors stay right. A sentence when a value is missing.
    /// </summary>
    internal static (string Sql, IReadOnlyList<string> Values) Bind(string sql, IReadOnlyDictionary<string, string>? values)
    {
        List<string> names = [.. Names(sql)];
        var missing = names.Where(n => values is null || !values.TryGetValue(n, out var value) || value.Length == 0).ToList();
        if (missing.Count > 0)
        {
            throw SparkifyException.Invalid($"Give a value for {string.Join(" and ", missing)} first.");
        }

        StringBuilder text = new(sql.Length);
        foreach (var piece in SqlPieces.Of(sql))
        {
            var length = piece.End - piece.Start;
            if (piece.Kind == SqlKind.Parameter)
            {
                var mark = $"${names.IndexOf(SqlPieces.Name(sql, piece)) + 1}";
                text.Append(mark.PadRight(length));
            }
            else
            {
                text.Append(sql, piece.Start, length);
            }
        }

        return (text.ToString(), [.. names.Select(n => values![n])]);
    }
}
