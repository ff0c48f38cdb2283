using System.Globalization;
using Sparkify.Core.Common;
using Sparkify.Web.Telemetry;

namespace Sparkify.Web;

/// <summary>
/// Stands at the application's addresses while it cannot start because the disk is full: it says so to whoever comes, until there may be
/// room again.
/// </summary>
internal static class WaitingRoom
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Waits a while and says why; whether to try again, as against being told to stop.</summary>
    public static async Task<bool> WaitAsync(string[] args, DatabaseFaultException why)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddLogLines();
        await using var room = builder.Build();
        var time = TimeProvider.System;
        room.MapGet("/healthz", static () => TypedResults.Text("alive"));
        room.MapFallback("{*path}", async (HttpContext http) =>
        {
            http.Response.Headers.RetryAfter = Pause.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            if (WaitPage.IsWanted(http.Request))
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await WaitPage.WriteAsync(http.Response, why.Message, http.RequestAborted);
                return;
            }

            await TypedResults.Problem(why.Message, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http);
        });
        await room.StartAsync();
        try
        {
            await Task.Delay(Pause, time, room.Lifetime.ApplicationStopping);
            while (why.IsOver?.Invoke() == false)
            {
                await Task.Delay(Look, time, room.Lifetime.ApplicationStopping);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            await room.StopAsync();
        }
    }
}
