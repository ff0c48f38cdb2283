namespace Sparkify.Core.Pipeline.Passing;

/// <summary>How much memory may be kept, in bytes, shared by all who keep something.</summary>
internal sealed class MemoryBudget(long most)
{
    private long _taken;

    /// <summary>Takes some; false, and nothing taken, when there is not so much left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= most)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    /// <summary>Gives some back.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
