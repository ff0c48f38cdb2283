namespace Sparkify.Tests.Support;

/// <summary>Waits on conditions; a wait that does not come true within its time fails with what was seen last.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    /// <summary>Reads a value again and again until it satisfies a condition.</summary>
    public static async Task<T> BecomesAsync<T>(Func<Task<T>> read, Func<T, bool> condition, int seconds = 60)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (condition(value))
            {
                return value;
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(seconds),
                $"Not within {seconds} s; the last value was: {value}");
            await Task.Delay(Look);
        }
    }
}
