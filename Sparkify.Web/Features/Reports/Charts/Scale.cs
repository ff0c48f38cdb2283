using System.Globalization;

namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>An axis of numbers from 0, with round ticks.</summary>
/// <param name="Top">The highest tick.</param>
/// <param name="Ticks">The ticks, from 0.</param>
public sealed record Scale(double Top, IReadOnlyList<double> Ticks)
{
    /// <summary>An axis that holds a number; of things that are counted it has no halves.</summary>
    public static Scale For(double highest, bool isWhole = false)
    {
        if (highest <= 0)
        {
            return new Scale(1, [0, 1]);
        }

        var rough = Math.Max(highest / 4, isWhole ? 1 : 0);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.First(s => s * power >= rough * 0.999 && (!isWhole || (s * power) % 1 == 0)) * power;
        var count = (int)Math.Ceiling((highest / step) - 1e-9);
        return new Scale(step * count, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>A number in a drawing.</summary>
    public static string N(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>A place in a drawing, in percent of its width.</summary>
    public static string P(double value) => N(value) + "%";
}
