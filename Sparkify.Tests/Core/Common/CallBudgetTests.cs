using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Core.Common;

public sealed class CallBudgetTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Within_TheOneThatNeverAnswers_IsNamed_HoweverDeepItIs()
    {
        // Time and again: what ends first must not be a matter of chance.
        for (var i = 0; i < 20; i++)
        {
            using var budget = CallBudget.Begin(TimeProvider.System, TimeSpan.FromMilliseconds(20));
            var said = await Assert.ThrowsAsync<SparkifyException>(() => WithinAsync("cluster", outer => WithinAsync(
                "bucket", inner => WithinAsync("object", _ => new TaskCompletionSource<int>().Task, inner), outer)).WaitAsync(Soon));
            Assert.Equal("The object did not answer.", said.Message);
        }
    }

    [Fact]
    public async Task Within_SomebodyHasAnAnswerWithoutWhatNeverCame_TheyGetIt()
    {
        using var budget = CallBudget.Begin(TimeProvider.System, TimeSpan.FromMilliseconds(20));
        var answer = await WithinAsync("cluster", async outer =>
        {
            try
            {
                return await WithinAsync("bucket", static async inner =>
                {
                    await Task.Delay(Timeout.Infinite, inner);
                    return 1;
                }, outer);
            }
            catch (SparkifyException e)
            {
                Assert.Equal("The bucket did not answer.", e.Message);
                return 2;
            }
        }).WaitAsync(Soon);
        Assert.Equal(2, answer);
    }

    [Fact]
    public async Task Within_CallerGoes_IsACancellation_AlsoFromDeepWithin()
    {
        using var budget = CallBudget.Begin(TimeProvider.System, TimeSpan.FromMinutes(5));
        using CancellationTokenSource gone = new();
        var waits = WithinAsync(
            "cluster", outer => WithinAsync("bucket", _ => new TaskCompletionSource<int>().Task, outer), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.WaitAsync(Soon));
    }

    [Fact]
    public async Task SharedWork_EndsWithNobodysTime()
    {
        FakeTimeProvider clock = new();
        using var budget = CallBudget.Begin(clock, TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(9));
        var whole = TimeSpan.FromSeconds(10);
        SharedRead<string, TimeSpan?> shared = new(static _ => Task.FromResult(CallBudget.Now?.Left));
        Assert.Equal(whole, await shared.ReadAsync("a", default));
        AnswerCache<TimeSpan?> answers = new(1, static _ => 7);
        Assert.Equal(whole, (await answers.GetAsync(
            new AnswerKey("w", 7, "q"), static _ => Task.FromResult(CallBudget.Now?.Left), fresh: false, default)).Result);
        Assert.Equal(TimeSpan.FromSeconds(1), CallBudget.Now!.Left); // who asked goes on within theirs
    }

    private static Task<int> WithinAsync(string who, Func<CancellationToken, Task<int>> work, CancellationToken ct = default) =>
        CallBudget.WithinAsync(work, _ => SparkifyException.Unavailable($"The {who} did not answer."), ct);
}
