using System.Globalization;
using Sparkify.Core.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Reports;

/// <summary>Which days (UTC) of the data are asked about; all of them where none are given.</summary>
/// <param name="From">The first; none for no limit.</param>
/// <param name="To">The last; none for no limit.</param>
/// <param name="Last">How many of the last days of the data; none when days are named, or all are meant.</param>
public sealed record DaysChosen(DateTime? From, DateTime? To, int? Last = null)
{
    private const int MostDays = 10_000;

    /// <summary>All days.</summary>
    public static DaysChosen All { get; } = new(null, null);

    /// <summary>Reads them from the words of an address; what is no day is left out.</summary>
    public static DaysChosen Read(string? from, string? to, string? last) =>
        Url.Long(last) is > 0 and <= MostDays and var days ? new DaysChosen(null, null, (int)days) : new DaysChosen(Day(from), Day(to));

    /// <summary>The same with words such as "last 7 days" put into days, of those there are.</summary>
    public DaysChosen Of(PlayDays? days) => Last is not { } last || days is null
        ? this
        : this with { From = days.Last.AddDays(1 - last).ToDateTime(default), To = days.Last.ToDateTime(default) };

    /// <summary>As they stand in an address: words about the end of the data stay words.</summary>
    public IReadOnlyList<(string Name, string? Value)> Words => Last is { } last
        ? [("last", last.ToString(CultureInfo.InvariantCulture))]
        : [("from", Text(From)), ("to", Text(To))];

    /// <summary>A day as addresses and reports write it.</summary>
    public static string? Text(DateTime? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTime? Day(string? word) =>
        DateTime.TryParseExact(word, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
