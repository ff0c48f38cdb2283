using Microsoft.Extensions.Options;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Web.Identity;

namespace Sparkify.Web;

/// <summary>The last line of a start: where the application answers, once it can do what it is asked.</summary>
internal static class ReadyLine
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    // What passes by itself within a start is not worth a line.
    private static readonly TimeSpan Worth = TimeSpan.FromSeconds(10);

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
            var (began, said) = (time.GetTimestamp(), false);
            while (await health.FaultAsync(stopping) is { } fault)
            {
                if (!said && time.GetElapsedTime(began) > Worth)
                {
                    said = true;
                    await console.WriteLineAsync($"Sparkify answers at {string.Join(", ", app.Urls.Select(Addresses.ToOpen))}, but is not ready: {fault}");
                }

                await Task.Delay(Look, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return; // told to stop before it was ready
        }

        if (app.Services.GetRequiredService<Entrance>().NeedsAccounts
            && !await app.Services.GetRequiredService<IDoor>().HasAccountsAsync(stopping))
        {
            var code = app.Services.GetRequiredService<FirstCode>().Text;
            await console.WriteLineAsync("Nobody is registered yet, so nobody is let in. Become the administrator with this address, which is good once:");
            await console.WriteLineAsync($"  {Addresses.ToOpen(app.Urls.First())}/first?code={code}");
        }

        var proxies = app.Services.GetRequiredService<IOptions<NetworkOptions>>().Value.Proxies;
        foreach (var warning in NetworkWarnings.Of(app.Urls, app.Configuration["AllowedHosts"], behindProxy: proxies.Length > 0))
        {
            await console.WriteLineAsync(warning);
        }

        await console.WriteLineAsync($"Sparkify is ready: {string.Join(", ", app.Urls.Select(Addresses.ToOpen))}");
    }
}
