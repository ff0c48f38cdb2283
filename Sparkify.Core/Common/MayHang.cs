namespace Sparkify.Core.Common;

/// <summary>
/// Work of the file system that may never come back: on a network drive that went away, not even cancelling ends it. Whoever waits can
/// leave; the thread stays behind until the system lets go of it.
/// </summary>
internal static class MayHang
{
    /// <summary>Does it on another thread, and leaves it there when that is asked for.</summary>
    public static Task<T> RunAsync<T>(Func<T> work, CancellationToken ct) => Task.Run(work, ct).WaitAsync(ct);

    /// <summary>Does it on another thread, and leaves it there when that is asked for.</summary>
    public static Task<T> RunAsync<T>(Func<ValueTask<T>> work, CancellationToken ct) => Task.Run(() => work().AsTask(), ct).WaitAsync(ct);
}
