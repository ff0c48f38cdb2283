using System.Globalization;
using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>The steps of a run in time.</summary>
public sealed partial class RunSteps
{
    private const double Room = 0.38;
    private const double LeastRoom = 0.12;
    private const double LetterWidth = 7;
    private const int IconWidth = 26;
    private RunTimeline _timeline = null!;

    /// <summary>The run.</summary>
    [Parameter, EditorRequired]
    public required RunView Run { get; set; }

    /// <summary>Every attempt at its steps.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<StepAttempt> Attempts { get; set; }

    /// <summary>The run before of the same kind; none when there is none.</summary>
    [Parameter, EditorRequired]
    public required RunSchedule? Before { get; set; }

    /// <summary>The page's clock, so that bars and times tick together.</summary>
    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    // What reads no records has no rows to count, and no columns for them.
    private bool Counts => Run.Kind is RunKind.Load or RunKind.Check;

    // As wide as the longest name, within reason: rows are grids of their own.
    private int NameWidth => (int)Math.Clamp((Run.Steps.Max(static s => s.Title.Length) * LetterWidth) + IconWidth, 168, 290);

    private bool Compares => Before is not null && !Run.Active;

    /// <inheritdoc/>
    protected override void OnParametersSet() => _timeline = new RunTimeline(Run, Attempts, Before, Now);

    private static string P(double share) => (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + "%";

    private static string Words(TimelineBar bar) =>
        $"Attempt {bar.Attempt}: {StatusBadges.For(bar.State).Text.ToLowerInvariant()}, {Format.Duration(bar.Took)}";

    // What has no column of its own.
    private static string? Facts(StepView step)
    {
        string?[] facts =
        [
            step.Files is { } files ? Format.Count(files, "file") + Of(step.TotalFiles, n => Format.Count(n)) : null,
            step.Bytes is { } bytes ? Format.Bytes(bytes) + Of(step.TotalBytes, n => Format.Bytes(n)) : null,
            step.Rejects is > 0 and var rejects ? Format.Count(rejects, "reject") : null,
            step.Warnings is > 0 and var warnings ? Format.Count(warnings, "warning") : null,
        ];
        return string.Join(", ", facts.OfType<string>()) is { Length: > 0 } words ? words : null;

        string? Of(long? total, Func<long, string> format) =>
            step.State == StepState.Running && total is { } all ? $" of {format(all)}" : null;
    }

    // A few words in the track: what it does or did, or how far it is. A line of its own would move what is below whenever
    // it comes and goes. Why a step failed is said once, at the top of the page.
    private static (string Text, string Place)? Beside(StepView step, IReadOnlyList<TimelineBar> bars)
    {
        var text = step switch
        {
            { State: StepState.Running or StepState.Succeeded, Message: { Length: > 0 } message } => message,
            { State: StepState.Running, Share: { } share } => Format.Share(share),
            _ => null,
        };
        if (text is null || bars.Count == 0)
        {
            return null;
        }

        // Behind the bar, unless there is little room and more of it before.
        var bar = bars[^1];
        var behind = 1 - bar.Left - bar.Width;
        if (Math.Max(behind, bar.Left) < LeastRoom)
        {
            return null;
        }

        return (text, behind < Math.Min(Room, bar.Left)
            ? $"right:calc({P(1 - bar.Left)} + 8px);max-width:{P(bar.Left)}"
            : $"left:calc({P(bar.Left + bar.Width)} + 8px);max-width:calc({P(behind)} - 12px)");
    }

    private string? Took(StepView step) => (step.StartedAt, step.FinishedAt) switch
    {
        ({ } from, { } until) => Format.Duration(until - from),
        ({ } from, null) when step.State == StepState.Running => Format.Ticking(Now - from),
        _ => null,
    };

    private string? Slower(StepView step) =>
        Before?.Of(step.Name) is { } before && step is { StartedAt: { } from, FinishedAt: { } until }
            ? Format.Change((until - from) - TimeSpan.FromSeconds(before.Length))
            : null;
}
