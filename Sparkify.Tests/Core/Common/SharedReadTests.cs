using System.Collections.Concurrent;
using Sparkify.Core.Common;

namespace Sparkify.Tests.Core.Common;

public sealed class SharedReadTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    // Readings in the order in which they began; each ends when the test says so.
    private readonly BlockingCollection<TaskCompletionSource<string>> _begun = [];
    private readonly SharedRead<string, string> _shared;

    public SharedReadTests() => _shared = new SharedRead<string, string>(_ =>
    {
        TaskCompletionSource<string> reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _begun.Add(reading);
        return reading.Task;
    });

    [Fact]
    public async Task Read_ManyComeWhileItIsRead_ShareTheNextAndOnlyThat()
    {
        var first = _shared.ReadAsync("a", default);
        var one = Take();
        var later = Enumerable.Range(0, 200).Select(_ => _shared.ReadAsync("a", default)).ToList();
        Assert.Empty(_begun); // what is being read began before they asked
        one.SetResult("old");
        Assert.Equal("old", await first.WaitAsync(Soon));
        Take().SetResult("new");
        Assert.All(await Task.WhenAll(later).WaitAsync(Soon), static found => Assert.Equal("new", found));

        var after = _shared.ReadAsync("a", default);
        Take().SetResult("newest"); // nothing was kept
        Assert.Equal("newest", await after.WaitAsync(Soon));
        Assert.Empty(_begun);
    }

    [Fact]
    public async Task Read_OtherKey_DoesNotWait()
    {
        var a = _shared.ReadAsync("a", default);
        var ofA = Take();
        var b = _shared.ReadAsync("b", default);
        Take().SetResult("b");
        Assert.Equal("b", await b.WaitAsync(Soon));
        ofA.SetResult("a");
        Assert.Equal("a", await a.WaitAsync(Soon));
    }

    [Fact]
    public async Task Read_Fails_TellsThoseWhoSharedItAndTheNextIsRead()
    {
        var first = _shared.ReadAsync("a", default);
        var one = Take();
        var second = _shared.ReadAsync("a", default);
        one.SetException(new InvalidOperationException("away"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => first.WaitAsync(Soon));
        Take().SetResult("there");
        Assert.Equal("there", await second.WaitAsync(Soon));
    }

    [Fact]
    public async Task Read_SomebodyLeaves_TheOthersGetIt()
    {
        using CancellationTokenSource leaves = new();
        var gone = _shared.ReadAsync("a", leaves.Token);
        var one = Take();
        var next = _shared.ReadAsync("a", leaves.Token);
        var stays = _shared.ReadAsync("a", default);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.WaitAsync(Soon));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Soon));
        one.SetResult("old");
        Take().SetResult("new");
        Assert.Equal("new", await stays.WaitAsync(Soon));
    }

    private TaskCompletionSource<string> Take() =>
        _begun.TryTake(out var reading, Soon) ? reading : throw new TimeoutException("No reading began.");
}
