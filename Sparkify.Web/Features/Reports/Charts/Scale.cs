using System.Globalization;

namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>An axis of numbers from 0, with round ticks.</summary>
/// <param name="Top">The highest tick.</param>
/// <param name="Ticks">The ticks, from 0.</param>
public sealed record Scale(double Top, IReadOnlyList<double> Ticks)
{
    /// <summary>An axis that holds a number.</summary>
    public static Scale For(double highest)
    {
        if (highest <= 0)
        {
            return new Scale(1, [0, 1]);
        }

        var rough = highest / 4;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.First(s => s * power >= rough * 0.999) * power;
        var count = (int)Math.Ceiling((highest / step) - 1e-9);
        return new Scale(step * count, [.. Enumerable.Range(0, count + 1).Select(i => i * step)]);
    }

    /// <summary>A number in a drawing.</summary>
    public static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Every how many marks a label has room.</summary>
    public static int Every(int marks, double width, double label) => Math.Max(1, (int)Math.Ceiling(marks * label / Math.Max(width, 1)));

    /// <summary>A label short enough for its place.</summary>
    public static string Fit(string label, double width, double letter = 7.4)
    {
        ArgumentNullException.ThrowIfNull(label);
        var most = Math.Max((int)(width / letter), 3);
        return label.Length <= most ? label : Shared.LongText.Cut(label, most - 1);
    }
}
