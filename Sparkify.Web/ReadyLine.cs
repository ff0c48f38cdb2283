using Sparkify.Core.Runs;

namespace Sparkify.Web;

/// <summary>The last line of a start: where the application answers, once it can do what it is asked.</summary>
internal static class ReadyLine
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Waits until store and scheduler are at work and writes the line; on the console itself, so that no log setting hides it.
    /// </summary>
    public static async Task WriteAsync(WebApplication app, TextWriter console)
    {
        var health = app.Services.GetRequiredService<IRunHealth>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            while (await health.FaultAsync(stopping) is not null)
            {
                await Task.Delay(Look, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return; // told to stop before it was ready
        }

        await console.WriteLineAsync($"Sparkify is ready: {string.Join(", ", app.Urls.Select(Addresses.ToOpen))}");
    }
}
