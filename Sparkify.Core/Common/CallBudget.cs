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
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(200);
    private static readonly AsyncLocal<CallBudget?> Present = new();
    private readonly TimeProvider _clock;
    private readonly long _began;
    private volatile bool _ended;

    private CallBudget(TimeProvider clock, TimeSpan length) => (_clock, Length, _began) = (clock, length, clock.GetTimestamp());

    /// <summary>The one of the operation under way; none in the background, and for what outlives its operation.</summary>
    public static CallBudget? Now => Present.Value is { _ended: false } budget ? budget : null;

    /// <summary>How long the operation may take altogether.</summary>
    public TimeSpan Length { get; }

    /// <summary>How long it may still take.</summary>
    public TimeSpan Left => Length - _clock.GetElapsedTime(_began) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Whether half of it is gone: what only counts stops, so that time is left for what has to be looked at.</summary>
    public bool IsHalfOver => Left < Length / 2;

    /// <summary>The time in words, such as <c>15 seconds</c>.</summary>
    public string Words => $"{Length.TotalSeconds:0.##} seconds";

    /// <summary>Begins one, for what is called from here; it ends when the operation does.</summary>
    public static CallBudget Begin(TimeProvider clock, TimeSpan length) => Present.Value = new CallBudget(clock, length);

    /// <summary>Ends it.</summary>
    public void Dispose() => _ended = true;

    /// <summary>
    /// Does work within what is left of the budget, if there is one. The caller's own cancellation stays a cancellation; work that does not
    /// listen is left behind.
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

        var left = budget.Left;
        if (left == TimeSpan.Zero)
        {
            throw over(budget);
        }

        using var ends = new CancellationTokenSource(left, budget._clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, ends.Token);
        var working = work(both.Token);
        try
        {
            return await working.WaitAsync(both.Token);
        }
        catch (Exception e) when (ends.IsCancellationRequested && !ct.IsCancellationRequested && e is not SparkifyException)
        {
            // What was called from within may be about to say the same, and knows more of it.
            await Task.WhenAny(working, Task.Delay(Grace, budget._clock, CancellationToken.None));
            throw working.Exception?.InnerException is SparkifyException said ? said : over(budget);
        }
    }
}
