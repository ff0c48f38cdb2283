using System.Globalization;
using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>The filters of the history, as they stand in the address.</summary>
public sealed record RunsQuery(string? Warehouse, RunKind? Kind, RunState? State, int Page)
{
    /// <summary>How many runs a page has.</summary>
    public const int Size = 25;

    private const string DateFormat = "yyyy-MM-dd";

    /// <summary>A number, or words of warehouse, person or error.</summary>
    public string? Text { get; init; }

    /// <summary>The first day, in the browser's zone.</summary>
    public DateOnly? From { get; init; }

    /// <summary>The last day, in the browser's zone.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Only runs that met bad records.</summary>
    public bool Rejects { get; init; }

    /// <summary>Their order.</summary>
    public RunOrder Order { get; init; }

    /// <summary>Whether anything narrows the list.</summary>
    public bool Narrowed =>
        Warehouse is not null || Kind is not null || State is not null || Text is not null || From is not null || Until is not null
            || Rejects;

    /// <summary>Reads them from an address; what makes no sense there means no filter.</summary>
    public static RunsQuery Parse(string? warehouse, string? kind, string? state, int? page) =>
        new(string.IsNullOrWhiteSpace(warehouse) ? null : warehouse, Url.Enum<RunKind>(kind), Url.Enum<RunState>(state), Math.Max(
            page ?? 1, 1));

    /// <summary>Reads a day from an address, or none when it is not one.</summary>
    public static DateOnly? Day(string? word) =>
        DateOnly.TryParseExact(word, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>The address that shows this.</summary>
    public string ToUrl() => Url.With("/runs",
        ("warehouse", Warehouse), ("kind", Kind is { } k ? Format.Slug(k) : null), ("state", State is { } s ? Format.Slug(s) : null),
        ("text", Text), ("from", Word(From)), ("until", Word(Until)), ("rejects", Rejects ? "true" : null),
        ("order", Order == RunOrder.Newest ? null : Format.Slug(Order)),
            ("page", Page > 1 ? Page.ToString(CultureInfo.InvariantCulture) : null));

    /// <summary>The question for the store.</summary>
    public RunFilter ToFilter(BrowserClock clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        return new RunFilter(Warehouse, Kind, State, Page, Size)
        {
            Text = Text,
            From = From is { } from ? clock.Midnight(from) : null,
            Until = Until is { } until ? clock.Midnight(until.AddDays(1)) : null,
            WithRejects = Rejects,
            Order = Order,
        };
    }

    private static string? Word(DateOnly? day) => day?.ToString(DateFormat, CultureInfo.InvariantCulture);
}
