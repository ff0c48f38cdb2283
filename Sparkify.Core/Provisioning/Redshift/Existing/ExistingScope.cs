using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>One warehouse's part of a database on a cluster that somebody else made, over a session of the login that was given.</summary>
/// <param name="warehouse">The warehouse.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="schemas">Its schemas.</param>
/// <param name="rights">What the login is and may.</param>
/// <param name="alone">Whether the login does everything itself.</param>
/// <param name="store">What tells this application's schemas from anyone else's.</param>
/// <param name="journal">What was made.</param>
/// <param name="db">The session.</param>
internal sealed class ExistingScope(
    string warehouse, ExistingCluster cluster, WarehouseSchemas schemas, LoginRights rights, bool alone, Guid store,
    IWarehouseJournal journal, NpgsqlConnection db) : IResourceScope, IAsyncDisposable
{
    public string Warehouse { get; } = warehouse;

    public string Owner => $"The database {Cluster.Database} on {Cluster.Host}:{Cluster.Port}";

    public ExistingCluster Cluster { get; } = cluster;

    public WarehouseSchemas Schemas { get; } = schemas;

    public LoginRights Rights { get; } = rights;

    public bool Alone { get; } = alone;

    public IWarehouseJournal Journal { get; } = journal;

    public NpgsqlConnection Db { get; } = db;

    public LocalNames Names { get; } = new(warehouse);

    /// <summary>What the mark in a schema of ours says.</summary>
    public (string Store, string Warehouse) Mark { get; } = (store.ToString("N"), warehouse);

    /// <summary>The schemas that keep stars of before.</summary>
    public async Task<IReadOnlyList<string>> KeptAsync(CancellationToken ct) =>
        [.. (await Db.QueryAsync<string>(new CommandDefinition("select nspname from pg_namespace", cancellationToken: ct)))
            .Where(s => Schemas.KeptRun(s) is not null).Order(StringComparer.Ordinal)];

    public ValueTask DisposeAsync() => Db.DisposeAsync();
}

/// <summary>What a login is, and what it may do in its database.</summary>
/// <param name="User">Its name in SQL.</param>
/// <param name="Superuser">Whether it may make users, and schemas that are theirs.</param>
/// <param name="Create">Whether it may make schemas.</param>
/// <param name="Temporary">Whether it may make temporary tables.</param>
/// <param name="Version">What the server calls itself.</param>
internal sealed record LoginRights(string User, bool Superuser, bool Create, bool Temporary, string Version)
{
    public static Task<LoginRights> LookAsync(NpgsqlConnection db, CancellationToken ct) =>
        db.QuerySingleAsync<LoginRights>(new CommandDefinition(
            """
            select current_user::varchar as "User", coalesce((select usesuper from pg_user where usename = current_user), false) as Superuser,
                   has_database_privilege(current_database(), 'create') as "Create",
                   has_database_privilege(current_database(), 'temp') as Temporary, version()::varchar as Version
            """, cancellationToken: ct));

    /// <summary>What it lacks, as sentences that say how to grant it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="alone">Whether it does everything itself.</param>
    public IReadOnlyList<string> Missing(ExistingCluster cluster, bool alone)
    {
        if (!alone && !Superuser)
        {
            return [$"The warehouse has users of its own, which a superuser made, and '{User}' is none. Give the login of a superuser."];
        }

        var (user, database) = (ClusterSql.Quoted(User), ClusterSql.Quoted(cluster.Database));
        List<string> all = [];
        if (!Superuser && !Create)
        {
            all.Add($"The user '{User}' may not create schemas in the database {cluster.Database}. Have somebody who may run: grant create on database {database} to {user};");
        }

        if (!Superuser && !Temporary)
        {
            all.Add($"The user '{User}' may not create temporary tables in the database {cluster.Database}. Have somebody who may run: grant temporary on database {database} to {user};");
        }

        return all;
    }
}

/// <summary>Opens sessions of the login that was given.</summary>
internal static class ExistingSession
{
    /// <summary>A session; a sentence that says why there is none.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(
        ExistingCluster cluster, string user, string password, bool simulated, CancellationToken ct)
    {
        try
        {
            return await CallBudget.WithinAsync(
                within => Storage.LoneConnection.OpenOnceAsync(
                    RedshiftConnection.Text(cluster.Place, user, password, "provision", simulated), within),
                budget => OutOfTime(cluster, budget), ct);
        }
        catch (Exception e) when (WarehouseFaults.OfTheWay(e))
        {
            throw SparkifyException.Unavailable(Reason(cluster, user, ClusterLogin.Cause(e)), e);
        }
    }

    /// <summary>
    /// Opens, asks and closes within the time of whoever waits; what does not come to its end is left behind, and closes itself. What the
    /// cluster or the way to it refuses is a sentence about it: nobody is to take it for the application's own database.
    /// </summary>
    public static async Task<T> WithinAsync<T>(ExistingCluster cluster, Func<CancellationToken, Task<T>> work, CancellationToken ct)
    {
        try
        {
            return await CallBudget.WithinAsync(work, budget => OutOfTime(cluster, budget), ct);
        }
        catch (Exception e) when (WarehouseFaults.OfTheWay(e))
        {
            throw SparkifyException.Unavailable($"The cluster at {cluster.Host}:{cluster.Port} did not answer as it should: {e.Message}", e);
        }
    }

    private static SparkifyException OutOfTime(ExistingCluster cluster, CallBudget budget) => SparkifyException.Unavailable(
        $"The cluster at {cluster.Host}:{cluster.Port} did not answer within {budget.Words}. It may be paused or busy, or something on the way there may swallow what is sent: look at its state and the network, then try again.");

    private static string Reason(ExistingCluster cluster, string user, Exception e)
    {
        var at = $"{cluster.Host}:{cluster.Port}";
        return e switch
        {
            _ when ClusterLogin.IsUnknownName(e) =>
                $"The name {cluster.Host} is not known on this machine. Look for a typing error; a cluster without a public address is only known inside its network (VPC).",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"There is no database '{cluster.Database}' on {at}.",
            PostgresException refused => $"{at} refuses the user '{user}': {refused.MessageText} [{refused.SqlState}]. Give its present password, or another login.",
            System.Security.Authentication.AuthenticationException tls =>
                $"The secure connection to {at} failed: {tls.Message} Something between this machine and AWS may answer in its place, or its clock is wrong.",
            _ => $"{at} does not answer. The cluster may be paused, its security group may not let this machine in, or it has no public address: then Sparkify has to run inside its network (VPC), or reach it through a tunnel.",
        };
    }
}
