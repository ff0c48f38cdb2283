using System.Diagnostics;
using Sparkify.Core.Common;

namespace Sparkify.Web.Shared;

/// <summary>How a command ended.</summary>
/// <param name="Done">Whether it was done.</param>
/// <param name="Problem">Why not, as a sentence for the person who clicked.</param>
/// <param name="ActiveRun">The run that stands in the way, when one does.</param>
public sealed record CommandResult(bool Done, string? Problem = null, long? ActiveRun = null);

/// <summary>Runs what buttons ask for: a second click is refused, a refusal becomes its sentence, anything else is logged.</summary>
public sealed class Commands(ILogger<Commands> logger) : IDisposable
{
    /// <summary>What a person sees of a failure that has no sentence of its own, within the trace by which the log knows it.</summary>
    public static string Unexpected => Signals.TraceId is { } trace
        ? $"That did not work, for a reason that is in the application's log under {trace}. Try again."
        : "That did not work, for a reason that is in the application's log. Try again.";

    // A command outlives the button that asked for it (the run it starts may replace that button), but not the person's visit.
    // Never disposed of: a last click may come while the visit ends.
    private readonly CancellationTokenSource _visit = new();
    private readonly Lock _gate = new();
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    /// <summary>Whether a command is under way on this circuit.</summary>
    public bool IsBusy(string key)
    {
        lock (_gate)
        {
            return _busy.Contains(key);
        }
    }

    /// <summary>Runs one command to its end.</summary>
    public async Task<CommandResult> RunAsync(string key, Func<CancellationToken, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        lock (_gate)
        {
            if (!_busy.Add(key))
            {
                return new(false, "That is already under way.");
            }
        }

        // What a click starts is linked to it. The circuit's own connection, which is open for as long as the page is, is not its trace.
        Activity.Current = null;
        using var span = Signals.Spans.StartActivity("command");
        try
        {
            await work(_visit.Token);
            return new(true);
        }
        catch (SparkifyException ex)
        {
            return new(false, ex.Message, ex.ActiveRun);
        }
        catch (OperationCanceledException)
        {
            return new(false);
        }
        catch (Exception ex) when (DatabaseFaults.Refusal(ex) is { } refusal)
        {
            return new(false, refusal.Message);
        }
        catch (Exception ex)
        {
            UiLog.CommandFailed(logger, key, ex);
            return new(false, Unexpected);
        }
        finally
        {
            lock (_gate)
            {
                _busy.Remove(key);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _visit.Cancel();
}
