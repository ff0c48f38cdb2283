using System.Diagnostics;
using System.Globalization;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Local;

/// <summary>
/// Logins of people into local warehouses: a role each, in a role that holds what they may read and that nobody logs in as. Not in the
/// reporter's, which its members could give another password. What a role may is what makes it read only; its settings it could set back.
/// </summary>
internal sealed class LocalLogins(
    LocalServer server, IWarehouseJournal journal, IWarehouseDatabases databases, PersonalLoginLimits limits, PersonalLoginBook book,
    PersonalLoginLocks locks) : IPersonalLoginTarget
{
    private const int Tries = 3;
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(10);
    private static readonly string Settings = SqlText.Load("Provisioning.Local.person_limits.sql");

    public WarehouseTarget Target => WarehouseTarget.Local;

    public async Task<string?> HindranceAsync(Warehouse warehouse, CancellationToken ct)
    {
        if (!(await server.AskAsync(ct)).Superuser)
        {
            return "The account in ConnectionStrings:Sparkify is no superuser of its server, so a login could not be kept from writing large objects and from seeing other sessions: none is given out. Let an administrator make it one, or a login by hand.";
        }

        return await server.OpenToAllAsync(ct) is { Count: > 0 } open
            ? $"Whoever has a login of that PostgreSQL server may connect to its {(open.Count == 1 ? "database" : "databases")} {string.Join(", ", open)}, and at least make temporary tables and large objects there: no login is given out. Let an administrator grant CONNECT to the roles that use {(open.Count == 1 ? "it" : "them")}, then run: revoke connect on database {string.Join(", ", open)} from public"
            : null;
    }

    public async Task GiveAsync(Warehouse warehouse, string user, string password, Action given, CancellationToken ct)
    {
        var names = new LocalNames(warehouse.Name);
        await using var db = await server.OpenAsync(ct);
        var mark = await server.TagAsync(warehouse.Name, ct);
        await EnsureReadersAsync(db, names, warehouse, mark, ct);
        var there = await OursAsync(db, user, mark, ct);
        await using (var transaction = await db.BeginTransactionAsync(ct))
        {
            if (!there)
            {
                await LocalServer.ExecuteAsync(
                    db, $"create role \"{user}\" login nosuperuser nocreatedb nocreaterole inherit noreplication nobypassrls", ct);
                await LocalServer.ExecuteAsync(db, $"comment on role \"{user}\" is '{mark}'", ct);
            }

            await LocalServer.ExecuteAsync(
                db,
                Settings.Replace("{person}", $"\"{user}\"", StringComparison.Ordinal)
                    .Replace("{schema}", warehouse.Schemas.Published, StringComparison.Ordinal)
                    .Replace("{sessions}", limits.Sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("{timeout}", $"{(long)limits.Timeout.TotalMilliseconds}", StringComparison.Ordinal)
                    .Replace("{readers}", $"\"{names.Readers}\"", StringComparison.Ordinal)
                    .Replace("{password}", ScramVerifier.Of(password), StringComparison.Ordinal), ct);
            given();
            await transaction.CommitAsync(ct);
        }

        if (there)
        {
            await CutAsync(db, user, ct);
        }
    }

    /// <summary>
    /// After a provisioning: whoever has a login can read what there is, also when the database was made anew, and nobody has one whose
    /// role somebody dropped.
    /// </summary>
    public async Task SettleAsync(Warehouse warehouse, CancellationToken ct)
    {
        await using var held = await locks.TakeAsync(warehouse.Name, ct);
        await using var db = await server.OpenAsync(ct);
        var names = new LocalNames(warehouse.Name);
        var mark = await server.TagAsync(warehouse.Name, ct);
        var logins = await book.OfAsync(warehouse.Name, ct);
        if (logins.Count > 0 || await OursAsync(db, names.Readers, mark, ct))
        {
            await EnsureReadersAsync(db, names, warehouse, mark, ct);
        }

        foreach (var login in logins)
        {
            switch (await new LocalPersonRole(login.User).FindAsync(db, ct))
            {
                case (false, _):
                    await book.GoneAsync(login, Target, ct);
                    break;
                case (_, var found) when found == mark:
                    // Whoever took the readers away took them from everybody.
                    await LocalServer.ExecuteAsync(db, $"grant \"{names.Readers}\" to \"{login.User}\"", ct);
                    break;
            }
        }
    }

    public async Task<string?> EndAsync(Warehouse warehouse, string user, CancellationToken ct)
    {
        await using var db = await server.OpenAsync(ct);
        if (!await OursAsync(db, user, await server.TagAsync(warehouse.Name, ct), ct))
        {
            return null;
        }

        await DropAsync(db, user, ct);
        return null;
    }

    /// <summary>
    /// Drops the logins that carry our mark and that the store does not know: it is a restored one, of an earlier day. Throws a sentence
    /// when any is left; nobody can log in by it any more.
    /// </summary>
    public async Task DropUnknownAsync(CancellationToken ct)
    {
        if (!(await server.AskAsync(ct)).Superuser)
        {
            return; // none is made there
        }

        await using var db = await server.OpenAsync(ct);
        var end = $";store={await journal.StoreIdAsync(ct)}";
        // Each is in the store before it is on the server, so none is being made.
        var roles = (await db.QueryAsync<string>(new CommandDefinition(
            """
            select rolname from pg_roles r, shobj_description(r.oid, 'pg_authid') mark
            where  starts_with(mark, 'sparkify:warehouse=') and right(mark, length(@end)) = @end and rolname ~ '_p[1-9][0-9]*$'
                   and not exists (select from personal_logins l where l.role = r.rolname)
            """, new { end }, cancellationToken: ct))).AsList();
        foreach (var role in roles)
        {
            await LocalServer.ExecuteAsync(db, $"alter role \"{role}\" nologin", ct);
        }

        List<Exception> left = [];
        foreach (var role in roles)
        {
            try
            {
                await DropAsync(db, role, ct);
            }
            catch (Exception ex) when (ex is SparkifyException or PostgresException)
            {
                left.Add(ex);
            }
        }

        if (left is [var first, ..])
        {
            throw SparkifyException.Unavailable(
                $"{left.Count} of {roles.Count} logins that the store does not know could not be dropped yet. {first.Message}", first);
        }
    }

    private async Task DropAsync(NpgsqlConnection db, string role, CancellationToken ct)
    {
        await LoosenAsync(db, role, ct);
        await LocalServer.DropRoleAsync(db, role, ct);
    }

    /// <summary>Leaves nothing of a role that is ours but itself: no session, and nothing it owns or has given to others.</summary>
    public async Task LoosenAsync(NpgsqlConnection db, string role, CancellationToken ct)
    {
        await LocalServer.ExecuteAsync(db, $"alter role \"{role}\" nologin", ct);
        await CutAsync(db, role, ct);
        // Such as rights by default: nobody is dropped who stands in any. In other databases, too, that were open to everybody once.
        foreach (var database in await db.QueryAsync<string>(new CommandDefinition(
            """
            select distinct d.datname from pg_shdepend s join pg_database d on d.oid = s.dbid
            where  s.refclassid = 'pg_authid'::regclass and s.refobjid = (select oid from pg_roles where rolname = @role) and d.datallowconn
            """, new { role }, cancellationToken: ct)))
        {
            await using var inside = await server.OpenDatabaseAsync(database, ct);
            await LocalServer.ExecuteAsync(inside, $"drop owned by \"{role}\"", ct);
        }

        // And what belongs to no database, such as the right to connect to one that somebody granted it by hand.
        await LocalServer.ExecuteAsync(db, $"drop owned by \"{role}\"", ct);
    }

    // Whether a role is there; a sentence when it is another's.
    private static async Task<bool> OursAsync(NpgsqlConnection db, string role, string mark, CancellationToken ct)
    {
        var (exists, found) = await new LocalPersonRole(role).FindAsync(db, ct);
        return !exists || found == mark ? exists : throw SparkifyException.Conflict(
            $"The server already has a role named '{role}' that this Sparkify did not make. It is left as it is: remove it by hand, or have its login removed by an administrator of Sparkify.");
    }

    // What sessions are open is over, those included that are just about to be.
    private static async Task CutAsync(NpgsqlConnection db, string user, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        while (await db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(pg_terminate_backend(pid, 1000)) from pg_stat_activity where usename = @user", new { user },
            cancellationToken: ct)) > 0)
        {
            if (Stopwatch.GetElapsedTime(began) > Ending)
            {
                throw SparkifyException.Unavailable($"A session of {user} does not end: its process on the server hangs.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), ct);
        }
    }

    // Once for a warehouse, with the first login.
    private async Task EnsureReadersAsync(
        NpgsqlConnection db, LocalNames names, Warehouse warehouse, string mark, CancellationToken ct)
    {
        var readers = names.Readers;
        if (!await OursAsync(db, readers, mark, ct))
        {
            await journal.AddAsync(warehouse.Name, "role", readers, ct);
            await using var transaction = await db.BeginTransactionAsync(ct);
            await LocalServer.ExecuteAsync(
                db, $"create role \"{readers}\" nologin nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls", ct);
            await LocalServer.ExecuteAsync(db, $"comment on role \"{readers}\" is '{mark}'", ct);
            await transaction.CommitAsync(ct);
        }

        await GrantAllAsync(db, names, warehouse, ct);
    }

    private async Task GrantAllAsync(NpgsqlConnection db, LocalNames names, Warehouse warehouse, CancellationToken ct)
    {
        await LocalServer.ExecuteAsync(db, $"grant connect on database \"{names.Database}\" to \"{names.Readers}\"", ct);
        for (var tries = 1; ; tries++)
        {
            try
            {
                await GrantAsync(warehouse, names.Readers, ct);
                return;
            }
            catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                throw SparkifyException.Conflict(
                    $"A new star is being published in '{warehouse.Name}' just now. Try again in a moment.");
            }
            catch (PostgresException) when (tries < Tries)
            {
                // The very first star came between: its schema is another one of that name.
            }
        }
    }

    // As the loader, whose tables they are. A publish that is under way is waited for, by a table it takes from everybody: it looks whether
    // there is such a role once it has them, so one of the two grants.
    private async Task GrantAsync(Warehouse warehouse, string readers, CancellationToken ct)
    {
        var schema = warehouse.Schemas.Published;
        await using var loader = await databases.OpenAloneAsync(warehouse, WarehouseRole.Loader, ct);
        await using var transaction = await loader.BeginTransactionAsync(ct);
        await LocalServer.ExecuteAsync(loader, "set local lock_timeout = '15s'", ct);
        if (await loader.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select to_regclass(@load) is not null", new { load = $"{schema}.load" }, cancellationToken: ct)))
        {
            await LocalServer.ExecuteAsync(loader, $"lock table {schema}.load in access share mode", ct);
        }

        await LocalServer.ExecuteAsync(loader, $"alter default privileges grant select on tables to \"{readers}\"", ct);
        await LocalServer.ExecuteAsync(loader, $"grant usage on schema {schema} to \"{readers}\"", ct);
        await LocalServer.ExecuteAsync(loader, $"grant select on all tables in schema {schema} to \"{readers}\"", ct);
        await transaction.CommitAsync(ct);
    }
}
