using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Makes a stable cluster usable: its SQL is reached, its users and schemas are there.</summary>
internal interface IClusterRoles
{
    /// <summary>Creates or repairs the users and schemas and gives where the cluster answers, once both users got in.</summary>
    Task<WarehouseEndpoint> EnsureAsync(ProvisioningContext context, ClusterInfo cluster, StepContext step, CancellationToken ct);
}

/// <summary>
/// The users loader and reporter and the schemas they work on. Redshift takes one statement per command, and passwords as hashes,
/// so that no clear text stands in a statement or in its query history.
/// </summary>
internal sealed class ClusterRoles(IWarehouseDatabases databases, IWarehouseJournal journal) : IClusterRoles
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
            await EnsureUsersAsync(connection, context, passwords, step, ct);
            // What is open with the passwords from before is of no use any more, whatever becomes of the grants.
            await databases.CloseAsync(context.Warehouse);
            foreach (var statement in Statements(new LocalNames(context.Warehouse), context.Schemas, place.Database))
            {
                await ExecuteAsync(connection, statement, ct);
            }
        }

        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            await VerifyAsync(context, place, role, passwords, ct);
        }

        step.Log(
            $"The users loader and reporter got in; the schemas {context.Schemas.Published} and {context.Schemas.Build} are the loader's.");
        return place;
    }

    /// <summary>Everything that is sent once the users are there; each may be sent again at any time.</summary>
    internal static IReadOnlyList<string> Statements(LocalNames names, WarehouseSchemas schemas, string database) =>
    [
        $"create schema if not exists {schemas.Published} authorization {Quoted(names.Loader)}",
        $"create schema if not exists {schemas.Build} authorization {Quoted(names.Loader)}",
        $"alter schema {schemas.Published} owner to {Quoted(names.Loader)}",
        $"alter schema {schemas.Build} owner to {Quoted(names.Loader)}",
        "revoke create on schema public from public",
        $"revoke all on schema {schemas.Published} from public",
        $"revoke all on schema {schemas.Build} from public",
        $"grant create, temporary on database {Quoted(database)} to {Quoted(names.Loader)}",
        $"grant usage on schema {schemas.Published} to {Quoted(names.Reporter)}",
        $"grant select on all tables in schema {schemas.Published} to {Quoted(names.Reporter)}",
        $"alter default privileges for user {Quoted(names.Loader)} in schema {schemas.Published} grant select on tables to {Quoted(names.Reporter)}",
    ];

    /// <summary>The statement that makes a user, or gives it its password again.</summary>
    internal static string UserStatement(string user, string password, bool exists)
        => $"{(exists ? "alter" : "create")} user {Quoted(user)} password '{Hash(user, password)}'";

    // Both users have the new passwords, and it is written down that they do, or neither: not to be cancelled between the two.
    private async Task EnsureUsersAsync(
        NpgsqlConnection connection, ProvisioningContext context, RolePasswords passwords, StepContext step, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            await EnsureUserAsync(connection, context, role, passwords, step, ct);
        }

        await transaction.CommitAsync(CancellationToken.None);
        await journal.SetPasswordsAsync(context.Warehouse, passwords, CancellationToken.None);
    }

    private async Task EnsureUserAsync(
        NpgsqlConnection connection, ProvisioningContext context, WarehouseRole role, RolePasswords passwords, StepContext step,
        CancellationToken ct)
    {
        var user = new LocalNames(context.Warehouse).Role(role);
        await using var look = new NpgsqlCommand($"select 1 from pg_user where usename = '{user}'", connection);
        var exists = await look.ExecuteScalarAsync(ct) is not null;
        await ExecuteAsync(connection, UserStatement(user, databases.Password(context.Warehouse, role, passwords), exists), ct);
        step.Log(exists ? $"The user {user} is there; its password is set again." : $"Created the user {user}.");
    }

    private async Task VerifyAsync(
        ProvisioningContext context, WarehouseEndpoint place, WarehouseRole role, RolePasswords passwords, CancellationToken ct)
    {
        var user = new LocalNames(context.Warehouse).Role(role);
        var password = databases.Password(context.Warehouse, role, passwords);
        var text = RedshiftConnection.Text(place, user, password, "verify", context.Aws.Simulated);
        await using var connection = await LoneConnection.OpenAsync(text, ct);
        var privilege = role == WarehouseRole.Loader ? "create" : "usage";
        await using var command = new NpgsqlCommand(
            $"select has_schema_privilege('{context.Schemas.Published}', '{privilege}')", connection);
        if (await command.ExecuteScalarAsync(ct) is not true)
        {
            throw SparkifyException.Conflict(
                $"The user {user} got in but may not use the schema {context.Schemas.Published}. Retry this run to grant it again.");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Hash(string user, string password)
    {
#pragma warning disable CA5351 // The form Redshift takes; what is hashed is 160 random bits, which no table holds.
        return "md5" + Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + user)));
#pragma warning restore CA5351
    }
}
