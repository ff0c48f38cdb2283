using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
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
    // So that hanging servers leave the sessions that hold the locks to others.
    private readonly SemaphoreSlim _few = new(2);

    // Those that could not be ended: they come last, so that they hold up none of the others.
    private readonly ConcurrentDictionary<long, bool> _hard = new();
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
            await _few.WaitAsync(ct);
            try
            {
                foreach (var login in (await book.OfAsync(warehouse, ct)).Where(static l => l.State != PersonalLoginState.Good)
                    .OrderBy(l => _hard.ContainsKey(l.Id)))
                {
                    at = login.User;
                    try
                    {
                        await logins.EndAsync(login.Id, ct);
                        _hard.TryRemove(login.Id, out _);
                    }
                    catch (Exception ex) when (!ct.IsCancellationRequested)
                    {
                        _hard[login.Id] = true;
                        if (IsOfTheServer(ex))
                        {
                            throw;
                        }

                        NotEnded(logger, at, ex); // it is this one alone that is left
                    }
                }
            }
            finally
            {
                _few.Release();
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

    // Whether the next would wait as long: nobody answers there.
    private static bool IsOfTheServer(Exception ex) => ex is OperationCanceledException or SocketException or TimeoutException
        || (ex is NpgsqlException and not PostgresException)
        || (ex is SparkifyException { InnerException: { } inner } && IsOfTheServer(inner));

    [LoggerMessage(4112, LogLevel.Warning, "The login {User} could not be removed yet; it is tried again each minute")]
    private static partial void NotEnded(ILogger logger, string user, Exception exception);
}
