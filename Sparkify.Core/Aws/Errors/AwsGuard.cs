using Microsoft.Extensions.Logging;
using Sparkify.Core.Aws.Clients;
using Sparkify.Core.Aws.Wire;
using Sparkify.Core.Common;

namespace Sparkify.Core.Aws.Errors;

/// <summary>
/// Where every call to a service goes through: its errors become an <see cref="AwsException"/> and are logged by name only.
/// </summary>
/// <param name="service">The service.</param>
/// <param name="place">Where it is asked, as the end of a phrase: <c>in us-west-2</c>, or <c>at http://…</c>.</param>
/// <param name="logger">Where failures are noted.</param>
/// <param name="signals">What is measured.</param>
/// <param name="clock">By which it is measured.</param>
/// <param name="connection">The connection that is called as; none for this machine's own credentials.</param>
/// <param name="before">What comes before each call.</param>
internal sealed class AwsGuard(
    AwsService service, string place, ILogger logger, AwsSignals signals, TimeProvider clock, string? connection = null,
    Func<Task>? before = null)
{
    // A call that was cancelled, and a fault of ours, by the word that the conventions have for what has no other.
    private const string Unforeseen = "_OTHER";

    public async Task<T> CallAsync<T>(string operation, Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        using var span = AwsSignals.Begin(service, operation);
        var throttled = ThrottledTries.Begin();
        string? error = Unforeseen;
        try
        {
            var result = await CallBudget.WithinAsync(
                async within =>
                {
                    if (before is not null)
                    {
                        await before();
                    }

                    return await work(within);
                },
                budget => AwsErrors.OutOfTime(service, place, operation, budget, throttled), ct);
            error = null;
            AwsLog.Called(logger, service.ServiceId, operation, (long)clock.GetElapsedTime(started).TotalMilliseconds);
            return result;
        }
        catch (AwsException e) when (e.OutOfTime)
        {
            error = e.Fault.Word();
            throw Noted(e, operation);
        }
        catch (Exception e) when (AwsErrors.Translate(e, service, operation, ct, connection) is { } translated)
        {
            error = translated.Fault.Word();
            throw Noted(translated, operation);
        }
        finally
        {
            signals.Ended(span, service, operation, clock.GetElapsedTime(started), throttled.Tries, error);
        }
    }

    /// <summary>The same, with none for what does not exist.</summary>
    public async Task<T?> FindAsync<T>(string operation, Func<CancellationToken, Task<T>> work, CancellationToken ct) where T : class
    {
        try
        {
            return await CallAsync(operation, work, ct);
        }
        catch (AwsException e) when (e.Fault == AwsFault.Missing)
        {
            return null;
        }
    }

    /// <summary>What comes back from a call and is read after it, for as long as somebody waits for it.</summary>
    public Stream Bound(string operation, Stream content) =>
        CallBudget.Now is null ? content
        : new BoundStream(content, budget => AwsErrors.OutOfTime(service, place, operation, budget, tries: null));

    private AwsException Noted(AwsException error, string operation)
    {
        // That something is not there is most often just what was asked.
        AwsLog.Failed(
            logger, error.Fault == AwsFault.Missing ? LogLevel.Debug : LogLevel.Information, service.ServiceId, operation, error.Fault,
            error.Code, error.RequestId);
        return error;
    }
}

internal static partial class AwsLog
{
    [LoggerMessage(1101, LogLevel.Debug, "{Service} answered {Operation} in {ElapsedMs} ms")]
    public static partial void Called(ILogger logger, string service, string operation, long elapsedMs);

    [LoggerMessage(EventId = 1102, Message = "{Service} {Operation} failed: {Fault}, code {Code}, request {RequestId}")]
    public static partial void Failed(
        ILogger logger, LogLevel level, string service, string operation, AwsFault fault, string? code, string? requestId);
}
