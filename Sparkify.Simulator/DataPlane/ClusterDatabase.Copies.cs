using Npgsql;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane;

/// <summary>That a database begins as a copy.</summary>
/// <param name="Source">Of what; none when that has gone: then the copy has to be there already.</param>
/// <param name="OtherPassword">Whether its master has another password than SQL gave the source's.</param>
internal sealed record CopyFrom(ClusterDatabase? Source, bool OtherPassword = false);

/// <content>
/// Copies of a whole database, for snapshots and for what is restored from them. The server copies only what nobody is connected to:
/// a copy waits until nothing runs, ends the sessions that do nothing, and lets nobody in until it is made.
/// </content>
internal sealed partial class ClusterDatabase
{
    private const string InUse = "55006";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Never disposed of: copies that it ends may still be looking at it.
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _copying = new(1);
    private readonly List<Task> _copies = [];
    private Task _copied = Task.CompletedTask;

    private async Task CopyAsync(CopyFrom copy)
    {
        await using var server = backend.Open(null);
        if (await IsCopyAsync(server))
        {
            return;
        }

        var source = copy.Source ?? throw new SqlErrorException("58000", "The data that this was to be a copy of is no longer there.");
        try
        {
            await source.CopyToAsync(this, server, _end.Token);
            await AdoptAsync(source, copy.OtherPassword);
        }
        catch
        {
            // Half a copy would hold on to the source's roles.
            await RunAsync(server, $"drop database if exists {Quote(Name)} with (force)", default);
            throw;
        }
        finally
        {
            // A snapshot must be free to be copied in its turn.
            Admin.Clear();
        }
    }

    private async Task AdoptAsync(ClusterDatabase source, bool otherPassword)
    {
        var script = (await ScriptAsync("adopt")).Replace("{from}", source.RolePrefix, StringComparison.Ordinal);
        await using var adopt = Admin.CreateCommand(script);
        adopt.CommandTimeout = 0;
        await adopt.ExecuteNonQueryAsync(_end.Token);
        if (otherPassword)
        {
            await using var forget = Admin.CreateCommand("update sim_internal.users set password = null where name = $1");
            forget.Parameters.Add(new() { Value = Master });
            await forget.ExecuteNonQueryAsync(_end.Token);
        }
    }

    // A copy that was broken off is none.
    private async Task<bool> IsCopyAsync(NpgsqlDataSource server)
    {
        await using var exists = server.CreateCommand("select exists (select from pg_database where datname = $1)");
        exists.Parameters.Add(new() { Value = Name });
        if (await exists.ExecuteScalarAsync(_end.Token) is not true)
        {
            return false;
        }

        try
        {
            await using var look = Admin.CreateCommand("select key from sim_internal.copy");
            return await look.ExecuteScalarAsync(_end.Token) as string == RolePrefix;
        }
        catch (PostgresException e) when (e.SqlState
            is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            return false;
        }
        finally
        {
            Admin.Clear();
        }
    }

    private async Task CopyToAsync(ClusterDatabase copy, NpgsqlDataSource server, CancellationToken ct)
    {
        await (_ready ?? Task.CompletedTask);
        await _copying.WaitAsync(ct);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await RunAsync(server, $"drop database if exists {Quote(copy.Name)} with (force)", ct);
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                if (await IsBusyAsync(server, ct))
                {
                    await Task.Delay(Pause, ct);
                    continue;
                }

                _copied = done.Task;
                endSessions?.Invoke();
                _admin?.Clear();
                try
                {
                    await RunAsync(server, $"create database {Quote(copy.Name)} template {Quote(Name)} allow_connections false", ct);
                    await copy.CloseAsync(server, ct);
                    return;
                }
                catch (PostgresException e) when (e.SqlState == InUse)
                {
                    // Somebody came in just before the door was shut.
                }
            }
        }
        finally
        {
            done.TrySetResult();
            _copying.Release();
        }
    }

    private async Task<bool> IsBusyAsync(NpgsqlDataSource server, CancellationToken ct)
    {
        await using var command = server.CreateCommand(
            "select exists (select from pg_stat_activity where datname = $1 and backend_type = 'client backend' and state is distinct from 'idle')");
        command.Parameters.Add(new() { Value = Name });
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static async Task RunAsync(NpgsqlDataSource server, string sql, CancellationToken ct)
    {
        await using var command = server.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(ct);
    }
}
