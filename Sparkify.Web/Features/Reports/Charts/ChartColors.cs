namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>The colours of series, by the variables of the style sheet.</summary>
internal static class ChartColors
{
    /// <summary>How many colours there are; the last is for all others.</summary>
    public const int Count = 5;

    /// <summary>The colour of a series by its place.</summary>
    public static string Of(int series) => $"var(--s{Math.Min(series, Count - 1) + 1})";
}
