using Microsoft.Extensions.Logging;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;

namespace Sparkify.Core.Connect;

/// <summary>
/// Takes away what is to be taken away, warehouse by warehouse: one that hangs holds up no other, and is asked by one round at a time.
/// </summary>
internal sealed partial class LoginRounds(PersonalLoginBook book, PersonalLogins logins, ILogger logger) : IDisposable
{
    // Never disposed of: rounds end with it at any moment.
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<string, (Task Now, Task? Next)> _rounds = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Begins a round that sees what is written down by now; the one that follows when one is under way.</summary>
    public Task Begin(string warehouse)
    {
        lock (_gate)
        {
            var (now, next) = _rounds.GetValueOrDefault(warehouse, (Task.CompletedTask, null));
            if (next is { IsCompleted: false })
            {
                return next;
            }

            var round = now.IsCompleted ? EndAsync(warehouse) : AfterAsync(now, warehouse);
            _rounds[warehouse] = now.IsCompleted ? (round, null) : (now, round);
            return round;
        }
    }

    public void Dispose() => _end.Cancel();

    private async Task AfterAsync(Task earlier, string warehouse)
    {
        await earlier;
        Task round;
        lock (_gate)
        {
            round = EndAsync(warehouse);
            _rounds[warehouse] = (round, null);
        }

        await round;
    }

    private async Task EndAsync(string warehouse)
    {
        await Task.Yield(); // out of the gate
        var ct = _end.Token;
        var at = warehouse;
        try
        {
            foreach (var login in (await book.OfAsync(warehouse, ct)).Where(static l => l.State != PersonalLoginState.Good))
            {
                at = login.User;
                try
                {
                    await logins.EndAsync(login.Id, ct);
                }
                catch (SparkifyException ex) when (ex.Kind is not ProblemKind.Unavailable)
                {
                    NotEnded(logger, at, ex); // it is this one alone that is left
                }
            }
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // The next start does it.
        }
        catch (Exception ex)
        {
            NotEnded(logger, at, ex); // the others would wait as long
        }
    }

    [LoggerMessage(4112, LogLevel.Warning, "The login {User} could not be removed yet; it is tried again each minute")]
    private static partial void NotEnded(ILogger logger, string user, Exception exception);
}
