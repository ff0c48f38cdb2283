using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Notices;

/// <summary>
/// Sends what is due: one delivery to a hook at a time, several hooks side by side. It sleeps until it is woken or until the next one is
/// due; a minute at the most, for what another process wrote and did not live to send.
/// </summary>
internal sealed class DeliveryWorker(
    Deliveries deliveries, HookSecrets secrets, HookBody bodies, HookCall call, HookChanges changes, DeliverySignal signal,
    TimeProvider clock, ILogger<DeliveryWorker> logger) : BackgroundService
{
    private const int AtOnce = 8;

    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1), Respite = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Dictionary<string, Task> sending = new(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                var sleep = await RoundAsync(sending, stoppingToken);
                await signal.WaitAsync(sleep, clock, stoppingToken);
            }
        }
        finally
        {
            await Task.WhenAll(sending.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // each has told the log
        }
    }

    // Begins to send whatever is due; gives how long there is nothing to do.
    private async Task<TimeSpan> RoundAsync(Dictionary<string, Task> sending, CancellationToken stopping)
    {
        try
        {
            foreach (var (hook, _) in sending.Where(static s => s.Value.IsCompleted).ToList())
            {
                sending.Remove(hook);
            }

            while (sending.Count < AtOnce && await deliveries.ClaimAsync(sending.Keys, stopping) is { } claimed)
            {
                sending[claimed.Hook] = SendAsync(claimed, stopping);
            }

            var next = sending.Count < AtOnce ? await deliveries.NextAsync(sending.Keys, stopping) : null;
            var sleep = next - clock.GetUtcNow() is { } wait && wait < LongestSleep ? wait : LongestSleep;
            return sleep > TimeSpan.Zero ? sleep : TimeSpan.FromMilliseconds(1);
        }
        catch (NpgsqlException ex)
        {
            NoticesLog.StoreDoesNotAnswer(logger, ex);
            return Respite;
        }
    }

    private async Task SendAsync(ClaimedDelivery claimed, CancellationToken stopping)
    {
        await Task.Yield(); // the worker goes on to the next hook
        try
        {
            var answer = await AnswerAsync(claimed, stopping);
            NoticesLog.Sent(logger, claimed.Id, claimed.Hook, claimed.Attempts, answer.Delivered, answer.Status);
            await deliveries.EndAttemptAsync(claimed, answer, stopping);
            changes.Names.Publish(claimed.Hook);
        }
        catch (NpgsqlException ex)
        {
            // Its claim runs out, and it is sent again.
            NoticesLog.StoreDoesNotAnswer(logger, ex);
        }
        finally
        {
            signal.Set();
        }
    }

    private async Task<HookAnswer> AnswerAsync(ClaimedDelivery claimed, CancellationToken stopping)
    {
        try
        {
            var (address, secret) = secrets.Open(claimed.Hook, claimed.Address, claimed.Secret);
            var body = bodies.Of(Words.Parse<HookForm>(claimed.Form), claimed.ToNotice());
            return await call.SendAsync(new Uri(address), secret, claimed.Id, body, stopping);
        }
        catch (SparkifyException ex)
        {
            return new HookAnswer(Delivered: false, Status: null, ex.Message);
        }
    }
}

internal static partial class NoticesLog
{
    [LoggerMessage(1301, LogLevel.Information, "Notice {Delivery} was sent to the hook {Hook}, attempt {Attempt}: delivered {Delivered}, status {Status}")]
    public static partial void Sent(ILogger logger, Guid delivery, string hook, int attempt, bool delivered, int? status);

    [LoggerMessage(1302, LogLevel.Warning, "Notices wait: the store does not answer")]
    public static partial void StoreDoesNotAnswer(ILogger logger, Exception exception);
}
