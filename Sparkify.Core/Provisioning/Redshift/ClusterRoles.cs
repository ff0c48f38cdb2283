using Sparkify.Core.Aws;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Makes a stable cluster usable: its SQL is reached, its users and schemas are there.</summary>
internal interface IClusterRoles
{
    /// <summary>Creates or repairs the users and schemas and gives where the cluster answers, once both users got in.</summary>
    Task<WarehouseEndpoint> EnsureAsync(ProvisioningContext context, ClusterInfo cluster, StepContext step, CancellationToken ct);

    /// <summary>Writes down that the logins of people went with the cluster.</summary>
    Task GoneAsync(string warehouse, CancellationToken ct);
}

/// <summary>
/// The users loader and reporter and the schemas they work on. Redshift takes one statement per command, and passwords as hashes,
/// so that no clear text stands in a statement or in its query history.
/// </summary>
internal sealed class ClusterRoles(IWarehouseDatabases databases, ClusterUsers users, ClusterPersonalLogins people) : IClusterRoles
{
    public async Task<WarehouseEndpoint> EnsureAsync(
        ProvisioningContext context, ClusterInfo cluster, StepContext step, CancellationToken ct)
    {
        var place = new WarehouseEndpoint(
            cluster.Host!, cluster.Port ?? context.Settings.Port, cluster.Database ?? context.Settings.Database);
        var passwords = databases.Newest(context.Passwords);
        await using (var connection = await ClusterLogin.OpenAsync(context, cluster, place, step, ct))
        {
            step.Log($"Logged in at {place.Host}:{place.Port} as {cluster.MasterUser ?? context.Settings.MasterUser}.");
            await users.EnsureAsync(connection, context.Warehouse, passwords, step, ct);
            // What is open with the passwords from before is of no use any more, whatever becomes of the grants.
            await databases.CloseAsync(context.Warehouse);
            await connection.SendAsync("revoke create on schema public from public", ct);
            await connection.SendAsync($"revoke temporary on database {ClusterSql.Quoted(place.Database)} from public", ct);
            foreach (var statement in Statements(new LocalNames(context.Warehouse), context.Schemas, place.Database))
            {
                await connection.SendAsync(statement, ct);
            }

            await people.SettleAsync(connection, context.Warehouse, context.Schemas, ours: true, step, ct);
        }

        await users.VerifyAsync(context.Warehouse, context.Schemas, place, passwords, context.Aws.Simulated, ct);

        step.Log(
            $"The users loader and reporter got in; the schemas {context.Schemas.Published} and {context.Schemas.Build} are the loader's.");
        return place;
    }

    public Task GoneAsync(string warehouse, CancellationToken ct) => people.GoneAsync(warehouse, ct);

    /// <summary>Everything that is sent once the users are there; each may be sent again at any time.</summary>
    internal static IReadOnlyList<string> Statements(LocalNames names, WarehouseSchemas schemas, string database) =>
    [
        $"create schema if not exists {schemas.Published} authorization {ClusterSql.Quoted(names.Loader)}",
        $"create schema if not exists {schemas.Build} authorization {ClusterSql.Quoted(names.Loader)}",
        $"alter schema {schemas.Published} owner to {ClusterSql.Quoted(names.Loader)}",
        $"alter schema {schemas.Build} owner to {ClusterSql.Quoted(names.Loader)}",
        $"revoke all on schema {schemas.Published} from public",
        $"revoke all on schema {schemas.Build} from public",
        $"grant create, temporary on database {ClusterSql.Quoted(database)} to {ClusterSql.Quoted(names.Loader)}",
        $"grant usage on schema {schemas.Published} to {ClusterSql.Quoted(names.Reporter)}",
        $"grant select on all tables in schema {schemas.Published} to {ClusterSql.Quoted(names.Reporter)}",
        $"alter default privileges for user {ClusterSql.Quoted(names.Loader)} in schema {schemas.Published} grant select on tables to {ClusterSql.Quoted(names.Reporter)}",
    ];
}
