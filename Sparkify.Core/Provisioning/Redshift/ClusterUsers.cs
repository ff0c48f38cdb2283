using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>The users loader and reporter of a warehouse on a cluster, and their passwords.</summary>
internal sealed class ClusterUsers(IWarehouseDatabases databases, IWarehouseJournal journal)
{
    /// <summary>Whether a user is there.</summary>
    public static async Task<bool> HasAsync(NpgsqlConnection db, string user, CancellationToken ct) =>
        await NumberAsync(db, user, ct) is not null;

    /// <summary>The number the cluster gave a user, and gives no other; none when there is no such user.</summary>
    public static Task<string?> NumberAsync(NpgsqlConnection db, string user, CancellationToken ct) =>
        db.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select usesysid::varchar from pg_user where usename = @user", new { user }, cancellationToken: ct));

    /// <summary>The statement that makes a user, or gives it its password again.</summary>
    internal static string UserStatement(string user, string password, bool exists)
        => $"{(exists ? "alter" : "create")} user {ClusterSql.Quoted(user)} password '{Hash(user, password)}'";

    /// <summary>
    /// Makes both users, or gives them these passwords. Both have them, and it is written down that they do, or neither: not to be
    /// cancelled between the two.
    /// </summary>
    public async Task EnsureAsync(
        NpgsqlConnection connection, string warehouse, RolePasswords passwords, StepContext step, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            var user = new LocalNames(warehouse).Role(role);
            var exists = await HasAsync(connection, user, ct);
            await connection.SendAsync(UserStatement(user, databases.Password(warehouse, role, passwords), exists), ct);
            step.Log(exists ? $"The user {user} is there; its password is set again." : $"Created the user {user}.");
        }

        await transaction.CommitAsync(CancellationToken.None);
        await journal.SetPasswordsAsync(warehouse, passwords, CancellationToken.None);
    }

    /// <summary>Logs in as each of them and looks whether it may do its work.</summary>
    public async Task VerifyAsync(
        string warehouse, WarehouseSchemas schemas, WarehouseEndpoint place, RolePasswords passwords, bool simulated, CancellationToken ct)
    {
        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            var user = new LocalNames(warehouse).Role(role);
            var text = RedshiftConnection.Text(place, user, databases.Password(warehouse, role, passwords), "verify", simulated);
            await using var connection = await LoneConnection.OpenAsync(text, ct);
            var privilege = role == WarehouseRole.Loader ? "create" : "usage";
            await using var command = new NpgsqlCommand($"select has_schema_privilege('{schemas.Published}', '{privilege}')", connection);
            if (await command.ExecuteScalarAsync(ct) is not true)
            {
                throw SparkifyException.Conflict(
                    $"The user {user} got in but may not use the schema {schemas.Published}. Retry this run to grant it again.");
            }
        }
    }

    private static string Hash(string user, string password)
    {
#pragma warning disable CA5351 // The form Redshift takes; what is hashed is 160 random bits, which no table holds.
        return "md5" + Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(password + user)));
#pragma warning restore CA5351
    }
}
