using System.Diagnostics.CodeAnalysis;
using Npgsql;
using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.DataPlane;

/// <summary>
/// Who logs in to a cluster with a temporary password: its user, made at the first login if that was asked for, and the groups it
/// is in as long as one of its sessions lasts.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore nobody waits on by handle holds nothing to dispose of.")]
internal sealed class TemporaryUsers(ClusterDatabase database)
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<(string User, string Group), int> _joined = [];

    /// <summary>Whether a name is one that only temporary passwords log in.</summary>
    public static bool Is(string name) => name.StartsWith("IAM:", StringComparison.Ordinal)
        || name.StartsWith("IAMA:", StringComparison.Ordinal) || name.StartsWith("IAMR:", StringComparison.Ordinal);

    /// <summary>The user of a login; none when there is no such user.</summary>
    public async Task<SqlUser?> UserAsync(TemporaryLogin login, CancellationToken ct)
    {
        if (database.User(login.User) is { } known || !login.Create)
        {
            return database.User(login.User);
        }

        await _gate.WaitAsync(ct);
        try
        {
            if (database.User(login.User) is null)
            {
                await database.CreateUserAsync(new SqlUser(login.User, PasswordHash: null, IsSuperuser: false), [], ct);
            }

            return database.User(login.User);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Puts a user into groups for a session; the ones to leave at its end.</summary>
    public async Task<IReadOnlyList<string>> JoinAsync(SqlUser user, IReadOnlyList<string> groups, CancellationToken ct)
    {
        if (groups.Count == 0)
        {
            return [];
        }

        await _gate.WaitAsync(ct);
        try
        {
            List<string> joined = [];
            foreach (var group in groups.Distinct(StringComparer.Ordinal))
            {
                if (_joined.ContainsKey((user.Name, group)) || !await IsInAsync(user, group, ct))
                {
                    joined.Add(group);
                }
            }

            foreach (var group in joined.Where(group => !_joined.ContainsKey((user.Name, group))))
            {
                await database.ExecuteAsync($"grant {Group(group)} to {Role(user)}", ct);
            }

            joined.ForEach(group => _joined[(user.Name, group)] = _joined.GetValueOrDefault((user.Name, group)) + 1);
            return joined;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a user out of the groups that a session of it joined.</summary>
    public async Task LeaveAsync(SqlUser user, IReadOnlyList<string> groups)
    {
        if (groups.Count == 0)
        {
            return;
        }

        await _gate.WaitAsync();
        try
        {
            foreach (var group in groups)
            {
                if (--_joined[(user.Name, group)] == 0)
                {
                    _joined.Remove((user.Name, group));
                    await database.ExecuteAsync($"revoke {Group(group)} from {Role(user)}", default);
                }
            }
        }
        catch (Exception e) when (e is SqlErrorException or NpgsqlException)
        {
            // User or group were dropped meanwhile, or the server behind has gone: there is nothing to leave.
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<bool> IsInAsync(SqlUser user, string group, CancellationToken ct)
    {
        await using var command = database.Admin.CreateCommand(
            "select (select count(*) from pg_auth_members m where m.roleid = r.oid and m.member = $2::text::regrole) from pg_roles r where r.rolname = $1");
        command.Parameters.Add(new() { Value = database.RoleOfGroup(group) });
        command.Parameters.Add(new() { Value = Role(user) });
        return await command.ExecuteScalarAsync(ct) is long found
            ? found > 0
            : throw new SqlErrorException("42704", $"group \"{group}\" does not exist");
    }

    private string Group(string group) => ClusterDatabase.Quote(database.RoleOfGroup(group));

    private string Role(SqlUser user) => ClusterDatabase.Quote(database.RoleOf(user.Name));
}
