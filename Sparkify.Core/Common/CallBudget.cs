namespace Sparkify.Core.Common;

/// <summary>How long a person waits for an answer from outside; tests are less patient than people.</summary>
internal sealed record CallPatience
{
    /// <summary>How long one operation may ask AWS, over all its calls and all their tries.</summary>
    public TimeSpan Interactive { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// The time that one operation may take of whoever waits for it in a page or for an answer of the API. It begins before the operation, in
/// the guard of its service, and goes with whatever the operation calls; runs and other work of the background have none.
/// </summary>
internal sealed class CallBudget : IDisposable
{
    // How long the outermost waits for what is within it to say who did not answer; those within wait less, each for its own.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(600);
    private static readonly AsyncLocal<CallBudget?> Present = new();

    // The cancellation of whoever asked first, for the tokens of what is called from there end with the budget, too; and how deep it is.
    private static readonly AsyncLocal<(CancellationToken Token, int Depth)?> Asker = new();
    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly CancellationTokenSource _over = new();
    private readonly ITimer _timer;
    private volatile bool _ended;

    private CallBudget(TimeProvider clock, TimeSpan length)
    {
        (_clock, Length, _began) = (clock, length, clock.GetTimestamp());
        _timer = clock.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), _over, length, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The one of the operation under way; none in the background, and for what outlives its operation.</summary>
    public static CallBudget? Now => Present.Value is { _ended: false } budget ? budget : null;

    /// <summary>How long the operation may take altogether.</summary>
    public TimeSpan Length { get; }

    /// <summary>How long it may still take.</summary>
    public TimeSpan Left => Length - _clock.GetElapsedTime(_began) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Whether half of it is gone: what only counts stops, so that time is left for what has to be looked at.</summary>
    public bool IsHalfOver => Left < Length / 2;

    /// <summary>Whether hardly any of it is left: what is being read is better told as far as it was read.</summary>
    public bool IsNearlyOver => Left < Length / 8;

    /// <summary>The time in words, such as <c>15 seconds</c>.</summary>
    public string Words => $"{Length.TotalSeconds:0.##} seconds";

    /// <summary>Begins one, for what is called from here; it ends when the operation does.</summary>
    public static CallBudget Begin(TimeProvider clock, TimeSpan length)
    {
        Asker.Value = null;
        return Present.Value = new CallBudget(clock, length);
    }

    /// <summary>
    /// Does work that is shared by all who wait for it, elsewhere and within another budget of the same length, where there is one: it ends
    /// with none of their times, and asks AWS for no longer than each of them would.
    /// </summary>
    public static Task<T> ShareAsync<T>(Func<Task<T>> work, CancellationToken ct = default) => Task.Run(
        async () =>
        {
            using var own = Present.Value is { } budget ? Begin(budget._clock, budget.Length) : null;
            return await work();
        }, ct);

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        _ended = true;
        _timer.Dispose();
    }

    /// <summary>
    /// Does work within what is left of the budget, if there is one. The caller's own cancellation stays a cancellation; work that does not
    /// listen is left behind. Of those that are within each other, the innermost says who did not answer.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="over">What to throw when the budget ends first.</param>
    /// <param name="ct">The caller's cancellation.</param>
    public static async Task<T> WithinAsync<T>(
        Func<CancellationToken, Task<T>> work, Func<CallBudget, Exception> over, CancellationToken ct)
    {
        if (Now is not { } budget)
        {
            return await work(ct);
        }

        if (budget._over.IsCancellationRequested)
        {
            throw over(budget);
        }

        var (asker, depth) = Asker.Value is { } outer ? (outer.Token, outer.Depth + 1) : (ct, 1);
        Asker.Value = (asker, depth);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, budget._over.Token);
        var working = work(both.Token);
        try
        {
            return await working.WaitAsync(both.Token);
        }
        catch (Exception e) when (
            budget._over.IsCancellationRequested && !asker.IsCancellationRequested && e is not SparkifyException)
        {
            // What was called from within may be about to say the same, and knows more of it; or has an answer without what never came.
            await Task.WhenAny(working, Task.Delay(Grace / depth, budget._clock, CancellationToken.None));
            return working.IsCompletedSuccessfully ? await working
                : throw (working.Exception?.InnerException is SparkifyException said ? said : over(budget));
        }
    }
}
