using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkify.Web.Features.Query;

/// <summary>A step of a server's plan with the steps it draws from; how PostgreSQL and Redshift write it.</summary>
/// <param name="What">What is done.</param>
/// <param name="Cost">What it costs with all below it, in the server's own unit.</param>
/// <param name="Rows">How many rows the server expects; those that came, when it was run.</param>
/// <param name="Milliseconds">How long it took with all below it, over all its rounds; none when it was not run.</param>
/// <param name="Notes">What is said besides.</param>
/// <param name="Inputs">The steps it draws from.</param>
public sealed partial record PlanNode(
    string What, double? Cost, double? Rows, double? Milliseconds, List<string> Notes, List<PlanNode> Inputs)
{
    /// <summary>How long the step itself took.</summary>
    public double? Own => Milliseconds is { } all ? Math.Max(0, all - Inputs.Sum(static i => i.Milliseconds ?? 0)) : null;

    /// <summary>From the lines the server writes; a step's indent says whose input it is.</summary>
    public static PlanNode Parse(IReadOnlyList<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var root = Step(lines.Count > 0 ? lines[0].Trim() : "");
        Stack<(int Indent, PlanNode Node)> path = new([(-1, root)]);
        foreach (var line in lines.Skip(1))
        {
            var text = line.TrimStart();
            var indent = line.Length - text.Length;
            while (path.Peek().Indent >= indent && path.Count > 1)
            {
                path.Pop();
            }

            if (text.StartsWith("->", StringComparison.Ordinal))
            {
                var step = Step(text[2..].TrimStart());
                path.Peek().Node.Inputs.Add(step);
                path.Push((indent, step));
            }
            else if (text.Length > 0)
            {
                path.Peek().Node.Notes.Add(text);
            }
        }

        return root;
    }

    private static PlanNode Step(string text)
    {
        var (guess, real) = (Guess().Match(text), Real().Match(text));
        var what = guess.Success ? text[..guess.Index] : text;
        var rounds = real.Success ? Number(real, "loops") ?? 1 : 1;
        return new PlanNode(
            what.Trim(), Number(guess, "cost"), real.Success ? Number(real, "rows") * rounds : Number(guess, "rows"),
            Number(real, "ms") * rounds, [], []);
    }

    private static double? Number(Match match, string group) => match.Success
        && double.TryParse(match.Groups[group].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"\(cost=[\d.]+\.\.(?<cost>[\d.]+) rows=(?<rows>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Guess();

    [GeneratedRegex(@"\(actual time=[\d.]+\.\.(?<ms>[\d.]+) rows=(?<rows>[\d.]+) loops=(?<loops>\d+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Real();
}
