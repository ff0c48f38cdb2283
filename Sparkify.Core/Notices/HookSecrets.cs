using System.Buffers.Text;
using System.Security.Cryptography;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Notices;

/// <summary>What of hooks is kept encrypted: addresses, and what signs.</summary>
internal sealed class HookSecrets(ISecretBox box) : IKeptSecrets
{
    /// <summary>A new secret.</summary>
    public static string Make() => $"whsec_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    /// <summary>An address in the form it is kept in.</summary>
    public string CloseAddress(string hook, string address) => box.Close(OfAddress(hook), address);

    /// <summary>A secret in the form it is kept in.</summary>
    public string CloseSecret(string hook, string secret) => box.Close(OfSecret(hook), secret);

    /// <summary>Address and secret of a hook; throws a sentence when they were closed with keys that are not here.</summary>
    public (string Address, string Secret) Open(string hook, string address, string secret) =>
        box.Open(OfAddress(hook), address) is { } at && box.Open(OfSecret(hook), secret) is { } signs ? (at, signs)
            : throw SparkifyException.Unavailable($"The hook '{hook}' was encrypted with keys that are not in this data folder (keys/web). Delete it and make it again.");

    public async Task<int> ReencryptAsync(NpgsqlConnection db, CancellationToken ct)
    {
        var rows = (await db.QueryAsync<(string Name, string Address, string Secret)>(new CommandDefinition(
            "select name, address, secret from hooks order by name for update", cancellationToken: ct))).AsList();
        foreach (var (name, closedAddress, closedSecret) in rows)
        {
            var (address, secret) = Open(name, closedAddress, closedSecret);
            await db.ExecuteAsync(new CommandDefinition(
                "update hooks set address = @address, secret = @secret where name = @name",
                new { name, address = CloseAddress(name, address), secret = CloseSecret(name, secret) }, cancellationToken: ct));
        }

        return rows.Count * 2;
    }

    // So that neither opens in the other's place, or in another's row.
    private static string OfAddress(string hook) => $"hook {hook} address";

    private static string OfSecret(string hook) => $"hook {hook} secret";
}
