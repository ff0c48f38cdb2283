using System.Runtime.InteropServices;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>
/// A name in a SELECT's list that an earlier item of it has given to an expression, or one of the list in WHERE or HAVING. It means the
/// expression if no column is called so, which only the server behind can tell: it is asked, and what it does not know is put in by
/// hand.
/// </summary>
/// <param name="Name">The name.</param>
/// <param name="Start">Where it stands in the text.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Expression">What it was given to.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Lateral(string Name, int Start, int End, string Expression)
{
    private const string Unknown = "42703";
    private const int Most = 100;

    public static IReadOnlyList<Lateral> Find(SqlScript script)
    {
        List<Lateral> found = [];
        foreach (var select in Selects.Of(script))
        {
            Dictionary<string, string> given = new(StringComparer.Ordinal);
            foreach (var (from, to) in script.Items(select.List, select.ListEnd))
            {
                var alias = Selects.Alias(script, from, to);
                Collect(from, alias?.ExpressionEnd ?? to);
                if (alias is { } name)
                {
                    given[name.Name] = script.Raw(from, name.ExpressionEnd);
                }
            }

            Collect(select.From < 0 ? select.ListEnd : select.FromEnd, select.Tail);

            void Collect(int from, int to)
            {
                for (var i = from; i < to && given.Count > 0; i++)
                {
                    if (script[i].IsName && given.TryGetValue(script[i].Value, out var expression) && !script[i - 1].Is(".")
                        && !script[i + 1].Is(".") && !script[i + 1].Is("("))
                    {
                        found.Add(new Lateral(script[i].Value, script[i].Start, script[i].End, expression));
                    }
                }
            }
        }

        return found;
    }

    /// <summary>Puts expressions in the place of names until the server behind knows all that is left, or says something else.</summary>
    public static async Task<Prepared> ResolveAsync(Prepared statement, ClusterDatabase database, Func<Prepared, Task<SqlError?>> ask)
    {
        var resolved = statement;
        for (var turn = 0; turn < Most && resolved.Laterals.Count > 0; turn++)
        {
            if (await ask(resolved) is not { Code: Unknown } error || Next(resolved, error) is not { } name)
            {
                break;
            }

            var source = resolved.Source;
            var (start, end) = (name.Start - resolved.Offset, name.End - resolved.Offset);
            resolved = RedshiftDialect.Prepare($"{source[..start]}({name.Expression}){source[end..]}", database)[0] with
            {
                IsRewritten = true,
                Text = statement.Text,
            };
        }

        return resolved;
    }

    /// <summary>The name that the server behind stumbled over: by its place, or where that is one of ours the first called so.</summary>
    private static Lateral? Next(Prepared statement, SqlError error)
    {
        var at = statement.PositionInSource(error.Position ?? 0) - 1;
        var known = statement.Laterals.Where(l => error.Message == $"column \"{l.Name}\" does not exist").ToList();
        var index = known.FindIndex(l => l.Start == at);
        var plain = known.Count > 0 && statement.Source.AsSpan(Math.Clamp(at - statement.Offset, 0, statement.Source.Length))
            .StartsWith(known[0].Name, StringComparison.OrdinalIgnoreCase);
        return index >= 0 ? known[index] : known.Count > 0 && !plain ? known[0] : null;
    }
}
