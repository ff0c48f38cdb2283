using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Hooks: addresses that are called with notices. An address goes in, and its host alone comes out.</summary>
internal static class HooksApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/hooks").WithTags("Notices");
        group.MapGet("/", (INotices notices, CancellationToken ct) => notices.ListAsync(ct))
            .Is("listHooks", "The hooks that notices are sent to");
        group.MapPost("/", AddAsync)
            .Is("createHook", "Make a hook; the answer holds its secret, which is shown this once")
            .Example("""{"name": "on-call", "url": "https://hooks.example.com/sparkify", "form": "json", "events": ["failed", "needsDecision", "recovered"]}""");
        group.MapGet("/{name}", (string name, INotices notices, CancellationToken ct) => notices.GetAsync(name, ct))
            .Is("getHook", "One hook");
        group.MapPut("/{name}", ChangeAsync)
            .Is("changeHook", "Give a hook other settings; it keeps its secret, and its address when none is given")
            .Example("""{"form": "slack", "events": ["failed"], "warehouses": ["mine"]}""");
        group.MapDelete("/{name}", DeleteAsync).Is("deleteHook", "Delete a hook with its deliveries");
        group.MapPost("/{name}/secret", RenewSecretAsync)
            .Is("renewHookSecret", "Give a hook a new secret, which is shown this once and signs from the next notice on");
        group.MapPost("/{name}/test", TestAsync).Is("testHook", "Send a hook a test, now and once; the answer says what came back");
        group.MapGet("/{name}/deliveries", DeliveriesAsync)
            .Is("listDeliveries", "What was and is to be sent to a hook, the latest first; of what has ended the latest 200");
        group.MapPost("/{name}/deliveries/{id}/again", AgainAsync).Is("sendAgain", "Send a delivery again, under the same id");
    }

    private static async Task<Created<MadeHook>> AddAsync(WantedHook body, INotices notices, Actor actor, CancellationToken ct)
    {
        var made = await notices.AddAsync(body.Name ?? "", body.Settings.Made(), actor, ct);
        return TypedResults.Created($"/api/v1/hooks/{made.Hook.Name}", made);
    }

    private static Task<Hook> ChangeAsync(string name, HookSettings body, INotices notices, Actor actor, CancellationToken ct) =>
        notices.ChangeAsync(name, body.Made(), actor, ct);

    private static async Task<NoContent> DeleteAsync(string name, INotices notices, Actor actor, CancellationToken ct)
    {
        await notices.DeleteAsync(name, actor, ct);
        return TypedResults.NoContent();
    }

    private static Task<MadeHook> RenewSecretAsync(string name, INotices notices, Actor actor, CancellationToken ct) =>
        notices.RenewSecretAsync(name, actor, ct);

    private static Task<HookAnswer> TestAsync(string name, INotices notices, Actor actor, CancellationToken ct) =>
        notices.TestAsync(name, actor, ct);

    private static Task<IReadOnlyList<Delivery>> DeliveriesAsync(string name, INotices notices, CancellationToken ct) =>
        notices.DeliveriesAsync(name, ct);

    private static async Task<NoContent> AgainAsync(string name, Guid id, INotices notices, Actor actor, CancellationToken ct)
    {
        await notices.SendAgainAsync(name, id, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>PUT /api/v1/hooks/{name}</c>.</summary>
    /// <param name="Url">The address that is called, which is kept encrypted and never given out; the one it has when left out.</param>
    /// <param name="Form">In which form it takes notices; <c>json</c> when left out.</param>
    /// <param name="Events">What it is called for.</param>
    /// <param name="Warehouses">For which warehouses; for all of them, those to come included, when left out.</param>
    /// <param name="PlainHttp">Whether it may be called without encryption beyond this machine.</param>
    internal sealed record HookSettings(
        string? Url = null, HookForm Form = HookForm.Json, NoticeEvent[]? Events = null, string[]? Warehouses = null,
        bool PlainHttp = false)
    {
        public NewHook Made() => new(Url, Form, Events ?? [], Warehouses, PlainHttp);

        /// <summary>Never the address.</summary>
        public override string ToString() => Made().ToString();
    }

    /// <summary>The body of <c>POST /api/v1/hooks</c>.</summary>
    /// <param name="Name">What it is called.</param>
    /// <param name="Url">The address that is called, which is kept encrypted and never given out.</param>
    /// <param name="Form">In which form it takes notices; <c>json</c> when left out.</param>
    /// <param name="Events">What it is called for.</param>
    /// <param name="Warehouses">For which warehouses; for all of them, those to come included, when left out.</param>
    /// <param name="PlainHttp">Whether it may be called without encryption beyond this machine.</param>
    internal sealed record WantedHook(
        string? Name, string? Url, HookForm Form = HookForm.Json, NoticeEvent[]? Events = null, string[]? Warehouses = null,
        bool PlainHttp = false)
    {
        internal HookSettings Settings => new(Url, Form, Events, Warehouses, PlainHttp);

        /// <summary>Never the address.</summary>
        public override string ToString() => $"{Name} {Settings}";
    }
}
