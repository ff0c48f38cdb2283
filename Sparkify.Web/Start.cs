using Sparkify.Core.Common;

namespace Sparkify.Web;

/// <summary>One start of the application, until it is told to stop.</summary>
internal static class Start
{
    /// <summary>Why it has to be tried again later; none when it has run and was told to stop.</summary>
    public static async Task<DatabaseFaultException?> OnceAsync(string[] args)
    {
        // Before anything is made: building the application already makes the folder of its keys.
        await using var app = SparkifyApp.Build(args, static builder => Addresses.MustBeFree(builder.Configuration));
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.StartAsync(CancellationToken.None);
            await ReadyLine.WriteAsync(app, Console.Out);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            return null; // told to stop in the middle of its start: whatever was under way was cut off by that
        }
        catch (Exception ex) when ((ex as DatabaseFaultException ?? DatabaseFaults.Refusal(ex)) is { IsDiskFull: true } why)
        {
            return why;
        }

        await app.WaitForShutdownAsync(CancellationToken.None);
        return null;
    }
}
