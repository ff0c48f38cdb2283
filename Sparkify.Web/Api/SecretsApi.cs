using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Storage;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>New keys and passwords of the installation itself, on request. None of them is ever shown.</summary>
internal static class SecretsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/secrets").WithTags("Secrets");
        group.MapGet("/", List).Is("listSecrets", "Since when the installation has the keys and passwords it keeps");
        group.MapPost("/connections", ReencryptAsync)
            .Is("reencryptConnections", "Make a new key and encrypt the secrets of all AWS connections and hooks with it");
        group.MapPost("/warehouses", RenewKeyAsync)
            .Is("renewWarehousesKey", "Make a new key and give the roles of local warehouses the passwords computed from it; clusters follow with their next provisioning");
        group.MapPost("/database", RenewPasswordAsync)
            .Is("renewDatabasePassword", "Give the application's account on the embedded server a new password");
        api.MapPost("/warehouses/{name}/master-password", RotateMasterAsync).WithTags("Redshift")
            .Is("rotateMasterPassword", "Have AWS give the cluster's master user a new password");
    }

    private static KeptSecrets List(IAwsConnections connections, IWarehousePasswords passwords, IStorePassword store) =>
        new(connections.KeySince, passwords.KeySince, store.PasswordSince);

    private static async Task<Reencrypted> ReencryptAsync(IAwsConnections connections, Actor actor, CancellationToken ct) =>
        new(await connections.ReencryptAsync(actor, ct));

    private static Task<RenewedKey> RenewKeyAsync(IWarehousePasswords passwords, Actor actor, CancellationToken ct) =>
        passwords.RenewKeyAsync(actor, ct);

    private static async Task<NoContent> RenewPasswordAsync(IStorePassword store, Actor actor, CancellationToken ct)
    {
        await store.RenewPasswordAsync(actor, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RotateMasterAsync(string name, IRedshift redshift, Actor actor, CancellationToken ct)
    {
        await redshift.RotateMasterAsync(name, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>Since when there are the keys and passwords that the installation keeps.</summary>
    /// <param name="Connections">The key that secrets of AWS connections and hooks are encrypted with.</param>
    /// <param name="Warehouses">The key that passwords of warehouses' roles are computed from.</param>
    /// <param name="Database">The password of the account on the embedded server; none for a server of one's own.</param>
    internal sealed record KeptSecrets(DateTimeOffset Connections, DateTimeOffset Warehouses, DateTimeOffset? Database);

    /// <summary>What was encrypted anew.</summary>
    /// <param name="Secrets">How many secrets.</param>
    internal sealed record Reencrypted(int Secrets);
}
