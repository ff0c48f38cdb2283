using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;

namespace Sparkify.Web.Live;

/// <summary>
/// Owns the life of a component that follows feeds: loops are started through it, state is touched only on the circuit's own
/// dispatcher, failures go to the nearest error boundary, and leaving the page cancels, awaits and then releases everything.
/// </summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    /// <summary>At most ten renders a second, whatever the feed does.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _life = new();
    private readonly List<Task> _loops = [];
    private readonly List<IDisposable> _owned = [];
    private long? _rendered;
    private bool _disposed;

    /// <summary>Begins the component's life.</summary>
    protected LiveComponent() => Life = _life.Token;

    /// <summary>The clock that loops wait on.</summary>
    [Inject]
    public required TimeProvider Clock { get; init; }

    /// <summary>Cancelled when the person leaves.</summary>
    protected CancellationToken Life { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _life.CancelAsync();
        await Task.WhenAll(_loops);
        foreach (var one in _owned)
        {
            one.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Ties a subscription, or anything else, to this component's life from the moment it exists, whether or not anyone reads it.
    /// </summary>
    protected T Own<T>(T one)
        where T : IDisposable
    {
        ArgumentNullException.ThrowIfNull(one);
        if (_disposed)
        {
            one.Dispose();
        }
        else
        {
            _owned.Add(one);
        }

        return one;
    }

    /// <summary>Hands every batch of changes to <paramref name="apply"/> and renders.</summary>
    protected void Follow<T>(Subscription<T> subscription, Action<IReadOnlyList<T>> apply) => Follow(subscription, batch =>
    {
        apply(batch);
        return Task.CompletedTask;
    });

    /// <summary>Hands every batch of changes to <paramref name="applyAsync"/> and renders.</summary>
    protected void Follow<T>(Subscription<T> subscription, Func<IReadOnlyList<T>, Task> applyAsync)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        Run(async () =>
        {
            await foreach (var batch in subscription.Reader.InBatches(Pause, Clock, Life).ConfigureAwait(false))
            {
                await InvokeAsync(() => ApplyAndRenderAsync(() => applyAsync(batch))).ConfigureAwait(false);
            }
        });
    }

    /// <summary>
    /// Renders once a period while <paramref name="wanted"/> says so: for durations that tick. Where a feed has rendered shortly before,
    /// they have ticked with it.
    /// </summary>
    protected void Every(TimeSpan period, Func<bool> wanted) => Run(async () =>
    {
        using var timer = new PeriodicTimer(period, Clock);
        while (await timer.WaitForNextTickAsync(Life).ConfigureAwait(false))
        {
            await InvokeAsync(() =>
            {
                if (!_disposed && !(_rendered is { } at && Clock.GetElapsedTime(at) < period / 2) && wanted())
                {
                    StateHasChanged();
                }
            }).ConfigureAwait(false);
        }
    });

    /// <summary>Does something once a period and renders: for what changes without a feed saying so.</summary>
    protected void Every(TimeSpan period, Func<Task> workAsync) => Run(async () =>
    {
        using var timer = new PeriodicTimer(period, Clock);
        while (await timer.WaitForNextTickAsync(Life).ConfigureAwait(false))
        {
            await InvokeAsync(() => ApplyAndRenderAsync(workAsync)).ConfigureAwait(false);
        }
    });

    private void Run(Func<Task> loop)
    {
        if (!_disposed)
        {
            _loops.Add(GuardAsync(loop));
        }
    }

    private async Task ApplyAndRenderAsync(Func<Task> apply)
    {
        if (_disposed)
        {
            return;
        }

        await apply();
        if (!_disposed)
        {
            _rendered = Clock.GetTimestamp();
            StateHasChanged();
        }
    }

    private async Task GuardAsync(Func<Task> loop)
    {
        try
        {
            await loop().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Life.IsCancellationRequested)
        {
            // The person left the page.
        }
        catch (ObjectDisposedException) when (Life.IsCancellationRequested)
        {
            // The circuit went first.
        }
        catch (Exception ex)
        {
            await DispatchExceptionAsync(ex).ConfigureAwait(false);
        }
    }
}
