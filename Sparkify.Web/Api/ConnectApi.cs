using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Connect;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>How other programs get at a warehouse's database.</summary>
internal static class ConnectApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/warehouses/{name}/connect").WithTags("Connect");
        group.MapGet("/", GetAsync).Is("getConnect", "How to reach the warehouse's database, with ready lines; none holds a password");
        group.MapPost("/login", MakeAsync).Is(
            "makeLogin", "Make your own read-only login, or give it another password: told this once, and the one from before is refused at once");
        group.MapDelete("/login", RemoveAsync).Is("removeLogin", "Remove your own login and end its sessions");
        var all = api.MapGroup("/logins").WithTags("Connect");
        all.MapGet("/", (IConnect connect, CancellationToken ct) => connect.LoginsAsync(ct))
            .Is("listLogins", "Everybody's logins into warehouses' databases");
        all.MapDelete("/{id:long}", RemoveOneAsync).Is("removeSomebodysLogin", "Remove somebody's login and end its sessions");
        var port = api.MapGroup("/loopback-port").WithTags("Connect");
        port.MapGet("/", (IConnect connect, CancellationToken ct) => connect.PortAsync(ct))
            .Is("getLoopbackPort", "The port of the application's machine that leads to its embedded database server");
        port.MapPut("/", OpenAsync).Is("openLoopbackPort", "Open it, until it is closed, for people's own logins")
            .Example("""{"port": 55432}""");
        port.MapDelete("/", CloseAsync).Is("closeLoopbackPort", "Close it, and end what goes on over it");
    }

    private static Task<ConnectInfo> GetAsync(string name, IConnect connect, Actor actor, CancellationToken ct) =>
        connect.GetAsync(name, actor, ct);

    private static async Task<Created<MadeLogin>> MakeAsync(string name, IConnect connect, Actor actor, CancellationToken ct) =>
        TypedResults.Created($"/api/v1/warehouses/{name}/connect", await connect.MakeAsync(name, actor, ct));

    private static async Task<NoContent> RemoveAsync(string name, IConnect connect, Actor actor, CancellationToken ct)
    {
        await connect.RemoveOwnAsync(name, actor, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> RemoveOneAsync(long id, IConnect connect, Actor actor, CancellationToken ct)
    {
        await connect.RemoveAsync(id, actor, ct);
        return TypedResults.NoContent();
    }

    private static Task<LoopbackPort> OpenAsync(WantedPort body, IConnect connect, Actor actor, CancellationToken ct) =>
        connect.OpenPortAsync(body.Port, actor, ct);

    private static async Task<NoContent> CloseAsync(IConnect connect, Actor actor, CancellationToken ct)
    {
        await connect.ClosePortAsync(actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>PUT /api/v1/loopback-port</c>.</summary>
    /// <param name="Port">Which port; the configured one, or any that is free, when left out.</param>
    internal sealed record WantedPort(int? Port = null);
}
