using System.Diagnostics;
using System.Globalization;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Provisioning.Redshift.Existing;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>
/// Logins of people into clusters: a user each, in a group that holds what they may read, since users of Redshift inherit from nobody else.
/// </summary>
internal sealed class ClusterPersonalLogins(
    ProvisioningContexts contexts, ExistingScopes scopes, IWarehouseJournal journal, PersonalLoginBook book,
    PersonalLoginLocks locks, PersonalLoginLimits limits) : IPersonalLoginTarget
{
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(20);

    public WarehouseTarget Target => WarehouseTarget.Redshift;

    public Task<string?> HindranceAsync(Warehouse warehouse, CancellationToken ct) => Task.FromResult(warehouse.OneLogin
        ? $"There is no separate reader: '{warehouse.Existing!.User}' may not make users in that cluster. Connect with a login of your own there, which its administrator grants usage on the schema {warehouse.Schemas.Published} and select on its tables."
        : null);

    public async Task GiveAsync(Warehouse warehouse, string user, string password, Action given, CancellationToken ct)
    {
        await using var db = await OpenAsync(warehouse, ct);
        await EnsureGroupAsync(db, warehouse.Name, warehouse.Schemas, warehouse.Existing is null, ct);
        var there = await ClusterUsers.HasAsync(db, user, ct);
        given();
        // As a hash: no clear text stands in a statement or in the cluster's history of them.
        await db.SendAsync(ClusterUsers.UserStatement(user, password, there), ct);
        var quoted = ClusterSql.Quoted(user);
        foreach (var statement in new[]
        {
            string.Create(CultureInfo.InvariantCulture, $"alter user {quoted} connection limit {limits.Sessions}"),
            string.Create(CultureInfo.InvariantCulture, $"alter user {quoted} set statement_timeout to {(long)limits.Timeout.TotalMilliseconds}"),
            $"alter user {quoted} set search_path to {warehouse.Schemas.Published}",
        })
        {
            await db.SendAsync(statement, ct);
        }

        if (there)
        {
            await CutAsync(db, user, ct);
        }

        await JoinAsync(db, new LocalNames(warehouse.Name).Readers, user, ct);
    }

    public async Task<string?> EndAsync(Warehouse warehouse, string user, CancellationToken ct)
    {
        // Whatever became of the warehouse here, it is the cluster that lets people in.
        if (await AsleepAsync(warehouse, ct) is { } asleep)
        {
            return asleep;
        }

        await using var db = await OpenAsync(warehouse, ct);
        await DropAsync(db, user, ct);
        return null;
    }

    /// <summary>Ends a user's sessions and drops it; it may have gone already.</summary>
    public static async Task DropAsync(NpgsqlConnection db, string user, CancellationToken ct)
    {
        if (!await ClusterUsers.HasAsync(db, user, ct))
        {
            return;
        }

        await db.SendAsync($"alter user {ClusterSql.Quoted(user)} password disable", ct);
        await CutAsync(db, user, ct);
        foreach (var statement in await DefaultPrivileges.TakenBackAsync(db, user, ct))
        {
            try
            {
                await db.SendAsync(statement, ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedObject)
            {
                // To somebody who is not there any more; if that keeps the user from being dropped, the cluster says so.
            }
        }

        try
        {
            await db.SendAsync($"drop user {ClusterSql.Quoted(user)}", ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedObject)
        {
            // Gone between the look and the statement.
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw SparkifyException.Conflict(
                $"The user {user} cannot log in any more, but the cluster drops nobody who owns something or was granted something by hand: {e.MessageText}. Look there what that is; drop it, give it to another owner, or revoke it.");
        }
    }

    /// <summary>Whether a group is there.</summary>
    public static async Task<bool> HasGroupAsync(NpgsqlConnection db, string group, CancellationToken ct) =>
        await db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from pg_group where groname = @group", new { group }, cancellationToken: ct)) > 0;

    /// <summary>
    /// After a provisioning: whoever has a login can read what there is, and nobody has one that is not there. On a cluster of our own
    /// nobody has one either that nobody knows of, such as those that came with a snapshot, nor one that was to end while it was paused.
    /// </summary>
    /// <param name="db">The cluster.</param>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="schemas">Its schemas.</param>
    /// <param name="ours">Whether the cluster is ours.</param>
    /// <param name="step">Told of those that the cluster does not drop.</param>
    /// <param name="ct">Cancels.</param>
    public async Task SettleAsync(
        NpgsqlConnection db, string warehouse, WarehouseSchemas schemas, bool ours, StepContext step, CancellationToken ct)
    {
        await using var held = await locks.TakeAsync(warehouse, ct);
        var names = new LocalNames(warehouse);
        var logins = await book.OfAsync(warehouse, ct);
        if (logins.Count > 0 || await HasGroupAsync(db, names.Readers, ct))
        {
            await EnsureGroupAsync(db, warehouse, schemas, ours, ct);
        }

        var users = (await db.QueryAsync<string>(new CommandDefinition(
            "select usename::varchar from pg_user", cancellationToken: ct))).ToHashSet(StringComparer.Ordinal);
        if (ours)
        {
            foreach (var user in users.Where(u => names.IsOfPerson(u) && !logins.Any(l => l.User == u)).ToList())
            {
                await TryDropAsync(db, user, step, ct);
            }
        }

        foreach (var login in logins.Where(l => l.State == PersonalLoginState.Good && users.Contains(l.User)))
        {
            // Whoever took the group away took it from everybody.
            await JoinAsync(db, names.Readers, login.User, ct);
        }

        foreach (var login in logins.Where(l => l.State == PersonalLoginState.Ending || !users.Contains(l.User)))
        {
            if (await TryDropAsync(db, login.User, step, ct) is { } why)
            {
                await book.SayAsync(login, why, ct);
            }
            else
            {
                await book.GoneAsync(login, Target, ct);
            }
        }
    }

    // Why it is still there, when it is: one that cannot log in any more holds up no run.
    private static async Task<string?> TryDropAsync(NpgsqlConnection db, string user, StepContext step, CancellationToken ct)
    {
        try
        {
            await DropAsync(db, user, ct);
            return null;
        }
        catch (SparkifyException e)
        {
            step.Warn(e.Message);
            return e.Message;
        }
    }

    /// <summary>Writes down that the logins of people, and their group, went with their cluster.</summary>
    public async Task GoneAsync(string warehouse, CancellationToken ct)
    {
        await using var held = await locks.TakeAsync(warehouse, ct);
        await book.AllGoneAsync(warehouse, Target, ct);
        await journal.RemovedAsync(warehouse, GroupResource.Word, new LocalNames(warehouse).Readers, leftAlone: false, ct);
    }

    // Each of these may be sent again at any time; what a load makes in the schema afterwards is granted as it is made.
    private async Task EnsureGroupAsync(
        NpgsqlConnection db, string warehouse, WarehouseSchemas schemas, bool ours, CancellationToken ct)
    {
        var names = new LocalNames(warehouse);
        if (!await HasGroupAsync(db, names.Readers, ct))
        {
            await journal.AddAsync(warehouse, GroupResource.Word, names.Readers, ct);
            await db.SendAsync($"create group {ClusterSql.Quoted(names.Readers)}", ct);
        }
        else if (ours)
        {
            await journal.AddAsync(warehouse, GroupResource.Word, names.Readers, ct); // it may have come with a snapshot
        }
        else if (!await journal.HasAsync(warehouse, GroupResource.Word, names.Readers, ct))
        {
            throw SparkifyException.Conflict(
                $"The cluster already has a group named '{names.Readers}' that this Sparkify did not make: another installation with a warehouse of this name may use it. It is left as it is: have it removed by hand.");
        }

        var readers = $"group {ClusterSql.Quoted(names.Readers)}";
        foreach (var statement in new[]
        {
            $"alter default privileges for user {ClusterSql.Quoted(names.Loader)} in schema {schemas.Published} grant select on tables to {readers}",
            $"grant usage on schema {schemas.Published} to {readers}",
            $"grant select on all tables in schema {schemas.Published} to {readers}",
        })
        {
            await db.SendAsync(statement, ct);
        }
    }

    private static async Task JoinAsync(NpgsqlConnection db, string group, string user, CancellationToken ct)
    {
        if (await db.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            select count(*) from pg_group g, pg_user u where g.groname = @group and u.usename = @user
            and    strpos(',' || array_to_string(g.grolist, ',') || ',', ',' || u.usesysid::varchar || ',') > 0
            """, new { group, user }, cancellationToken: ct)) == 0)
        {
            await db.SendAsync($"alter group {ClusterSql.Quoted(group)} add user {ClusterSql.Quoted(user)}", ct);
        }
    }

    private static async Task CutAsync(NpgsqlConnection db, string user, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            // In the leader's own table of sessions names are padded, and cut: those of warehouses with the longest names end together.
            var sessions = (await db.QueryAsync<int>(new CommandDefinition(
                "select process from stv_sessions where trim(user_name) = @told",
                new { told = user[..Math.Min(user.Length, LocalNames.ToldOfSessions)] }, cancellationToken: ct))).AsList();
            if (sessions.Count == 0)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(began) > Ending)
            {
                throw SparkifyException.Unavailable($"{Format(sessions)} of {user} did not end within {Ending.TotalSeconds:0} s.");
            }

            foreach (var session in sessions)
            {
                await db.SendAsync(string.Create(CultureInfo.InvariantCulture, $"select pg_terminate_backend({session})"), ct);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
        }

        static string Format(List<int> sessions) => sessions.Count == 1 ? "A session" : $"{sessions.Count} sessions";
    }

    // Why nobody can log in: whoever resumes or provisions the cluster drops the login before the warehouse is available again.
    private async Task<string?> AsleepAsync(Warehouse warehouse, CancellationToken ct)
    {
        if (warehouse.Existing is not null)
        {
            return null; // others may have resumed it
        }

        var context = await contexts.OpenAsync(NewWarehouse.Of(warehouse), ct);
        return await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct) is { Status: not "paused" } ? null
            : $"The cluster {context.Names.Cluster} is paused or gone, so nobody can log in: the login is removed before the warehouse is available again.";
    }

    // As whoever may make users: the master of a cluster of ours, the login that was given of any other.
    private async Task<NpgsqlConnection> OpenAsync(Warehouse warehouse, CancellationToken ct)
    {
        if (warehouse.Existing is not null)
        {
            var scope = await scopes.OpenAsync(NewWarehouse.Of(warehouse), ct);
            if (!scope.Rights.Superuser)
            {
                await using (scope)
                {
                    throw SparkifyException.Conflict(
                        $"The user '{scope.Rights.User}' may not make users in the cluster any more. Give the login of a superuser under Resources of '{warehouse.Name}'.");
                }
            }

            return scope.Db;
        }

        var context = await contexts.OpenAsync(NewWarehouse.Of(warehouse), ct);
        var cluster = await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct) ?? throw SparkifyException.Conflict(
            $"The cluster {context.Names.Cluster} is not there any more: someone deleted it. Decide about it under Resources of '{warehouse.Name}'.");
        // While it is resized, say, it may well answer.
        if (cluster.Host is not { } host)
        {
            throw SparkifyException.Unavailable(
                $"The cluster {context.Names.Cluster} is {cluster.Status} just now. Try again when it is available.");
        }

        var place = warehouse.Endpoint ?? new WarehouseEndpoint(
            host, cluster.Port ?? context.Settings.Port, cluster.Database ?? context.Settings.Database);

        try
        {
            return await ClusterLogin.OpenOnceAsync(context, cluster, place, "logins", ct);
        }
        catch (Exception e) when (WarehouseFaults.OfTheWay(e))
        {
            throw SparkifyException.Unavailable(
                $"The cluster {context.Names.Cluster} is {cluster.Status}, and {place.Host}:{place.Port} does not let us in: {ClusterLogin.Cause(e).Message}", e);
        }
    }
}
