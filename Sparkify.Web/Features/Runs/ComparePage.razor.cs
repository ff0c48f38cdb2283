using Microsoft.AspNetCore.Components;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>Two runs side by side; which ones stands in the address.</summary>
public sealed partial class ComparePage
{
    private const int Offered = 30;
    private RunView? _a;
    private RunView? _b;
    private IReadOnlyList<TableChange> _tables = [];
    private IReadOnlyList<(string Name, CheckResult? Before, CheckResult? Now)> _differ = [];
    private bool _known;

    /// <summary>The earlier run.</summary>
    [SupplyParameterFromQuery]
    public long? A { get; set; }

    /// <summary>The later run.</summary>
    [SupplyParameterFromQuery]
    public long? B { get; set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _b = B is { } b ? await Runs.FindAsync(b, Life)
            : await NewestAsync(new RunFilter(Kind: RunKind.Load, Size: 1));
        _a = A is { } a ? await Runs.FindAsync(a, Life)
            : _b is null ? null
            : await NewestAsync(new RunFilter(_b.Warehouse, _b.Kind, Size: 1) { Before = _b.Id });
        (_tables, _differ) = ([], []);
        if (_a is not null && _b is { Kind: RunKind.Load } && _a.Kind == RunKind.Load)
        {
            _tables = TableChange.Of(await Tables.ListAsync(_b.Warehouse, Life), _a, _b);
            var before = (await Records.ChecksAsync(_a.Warehouse, _a.Id, Life)).ToDictionary(static c => c.Name, StringComparer.Ordinal);
            var now = (await Records.ChecksAsync(_b.Warehouse, _b.Id, Life)).ToDictionary(static c => c.Name, StringComparer.Ordinal);
            _differ = [.. now.Keys.Union(before.Keys, StringComparer.Ordinal)
                .Select(name => (Name: name, Before: before.GetValueOrDefault(name), Now: now.GetValueOrDefault(name)))
                .Where(static c => c.Before?.Outcome != c.Now?.Outcome || c.Before?.Found != c.Now?.Found)];
        }

        _known = true;
    }

    private static TimeSpan? Took(RunView run) => run.WorkedUntil - run.WorkedFrom;

    private static TimeSpan? Took(StepView? step) => step?.FinishedAt - step?.StartedAt;

    private static string? Time(TimeSpan? took) => took is null ? null : Format.Duration(took);

    private static string Name(RunView? run) => run is null ? "" : $"{Format.Kind(run.Kind)} #{run.Id}, {run.Warehouse}";

    private static string? Outcome(CheckResult? check) => check is null ? "not asked"
        : StatusBadges.For(check.Outcome).Text + (check.Found > 0 ? $", {Format.Count(check.Found, "row")}" : null);

    private static IEnumerable<(string Name, string? Before, string? Now, string? Change)> Figures(RunTotals a, RunTotals b) =>
    [
        ("Rows staged", Count(a.Rows), Count(b.Rows), Format.Change(b.Rows, a.Rows)),
        ("Files", Count(a.Files), Count(b.Files), Format.Change(b.Files, a.Files)),
        ("Read", a.Bytes is null ? null : Format.Bytes(a.Bytes), b.Bytes is null ? null : Format.Bytes(b.Bytes), null),
        ("Rejects", Count(a.Rejects), Count(b.Rejects), Format.Change(b.Rejects, a.Rejects)),
    ];

    private static string? Count(long? number) => number is null ? null : Format.Count(number);

    private async Task<RunView?> NewestAsync(RunFilter filter) =>
        (await Runs.HistoryAsync(filter, Life)).Items is [{ } newest, ..] ? newest : null;

    private async Task<IEnumerable<RunView>> FindAsync(string? text, CancellationToken ct)
    {
        // The field holds the name of the run it shows; only its number is looked for then.
        var words = text?.Split('#', ',') is [_, var number, ..] ? $"#{number}" : text;
        return (await Runs.HistoryAsync(new RunFilter(Size: Offered) { Text = words }, ct)).Items;
    }

    private void Go(RunView? a, RunView? b) => Nav.NavigateTo(Url.With("/runs/compare", ("a", a?.Id.ToString()), ("b", b?.Id.ToString())));
}
