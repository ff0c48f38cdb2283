using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator;

/// <summary>
/// Steers a simulator that runs on its own: <c>GET /_simulator/state</c>, <c>GET /_simulator/calls</c>,
/// <c>GET /_simulator/traffic</c>, <c>POST /_simulator/faults</c> and <c>POST /_simulator/reset</c>. Loopback only, like the rest, and
/// for whoever has its token: a page in a browser on this machine has none, whatever name it reaches the port by.
/// </summary>
internal sealed class ControlEndpoint(World world, Dispatcher dispatcher, SimulatorFaults faults, string token)
{
    public const string Path = "/_simulator";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsLoopback(request.Host.Host))
        {
            return SayAsync(context, 403, "The simulator's controls answer under a name of this machine's loopback only, such as 127.0.0.1.");
        }

        if (request.Headers.Origin is [{ } origin, ..] && origin != $"{request.Scheme}://{request.Host}")
        {
            return SayAsync(context, 403, "The simulator's controls are not for pages of another origin.");
        }

        return IsBearer(request.Headers.Authorization.ToString()) ? AnswerAsync(context)
            : SayAsync(context, 401, "The simulator's controls want 'Authorization: Bearer TOKEN', with the token that was said when it started.");
    }

    private bool IsBearer(string header) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(header)), SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {token}")));

    private static bool IsLoopback(string host) => string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private Task AnswerAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("GET", Path + "/state") => context.Response.WriteAsJsonAsync(State(), Json, context.RequestAborted),
        ("GET", Path + "/calls") => context.Response.WriteAsJsonAsync(dispatcher.Calls, Json, context.RequestAborted),
        ("GET", Path + "/traffic") => context.Response.WriteAsJsonAsync(dispatcher.Traffic.Totals, Json, context.RequestAborted),
        ("POST", Path + "/faults") => SetFaultsAsync(context),
        ("POST", Path + "/reset") => ResetAsync(context),
        _ => SayAsync(context, 404, "The simulator's controls are GET state, GET calls, GET traffic, POST faults and POST reset."),
    };

    private async Task SetFaultsAsync(HttpContext context)
    {
        try
        {
            var wanted = await JsonSerializer.DeserializeAsync<FaultRequest>(context.Request.Body, Json, context.RequestAborted);
            Apply(wanted ?? new FaultRequest());
            context.Response.StatusCode = 204;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            await SayAsync(context, 400, e.Message);
        }
    }

    private void Apply(FaultRequest wanted)
    {
        faults.ThrottleShare = wanted.ThrottleShare ?? faults.ThrottleShare;
        faults.ErrorShare = wanted.ErrorShare ?? faults.ErrorShare;
        faults.HtmlErrors = wanted.HtmlErrors ?? faults.HtmlErrors;
        faults.SlowRole = wanted.SlowRoleSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : faults.SlowRole;
        faults.Blinks = wanted.Blinks ?? faults.Blinks;
        faults.ManagedPasswords = wanted.ManagedPasswords ?? faults.ManagedPasswords;
        faults.BareRestores = wanted.BareRestores ?? faults.BareRestores;
        if (wanted.CapacityRefusals is { } times)
        {
            faults.RefuseCapacity(times);
        }

        faults.CopyPause = wanted.CopyPauseSeconds is { } pause ? TimeSpan.FromSeconds(pause) : faults.CopyPause;
        foreach (var statement in wanted.FailStatements ?? [])
        {
            faults.FailNextStatement(statement);
        }

        foreach (var place in wanted.DenyObjects ?? [])
        {
            faults.DenyObject(
                place[..place.IndexOf('/', StringComparison.Ordinal)], place[(place.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        }

        if (wanted.DropDuringCopyAfter is { } records)
        {
            faults.DropDuringCopy(records);
        }

        foreach (var action in wanted.Deny ?? [])
        {
            faults.Deny(action);
        }

        foreach (var drop in wanted.Drop ?? [])
        {
            faults.DropNext(drop.Action, drop.Moment, drop.Times);
        }
    }

    private Task ResetAsync(HttpContext context)
    {
        lock (world.Gate)
        {
            world.Clear();
        }

        world.Sql?.Follow();
        world.File?.Save();

        faults.Clear();
        dispatcher.ForgetCalls();
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private object State()
    {
        lock (world.Gate)
        {
            foreach (var region in world.Regions)
            {
                region.Settle(world.Now);
            }

            return new
            {
                roles = world.Roles.Keys.ToArray(),
                buckets = world.Buckets.Values.Select(static b => new { b.Name, b.Region, objects = b.List("").Count() }).ToArray(),
                regions = world.Regions.Select(static r => new
                {
                    r.Name,
                    clusters = r.Clusters.Values.Select(static c => new { c.Id, c.Status }).ToArray(),
                    securityGroups = r.Groups.Values.Where(static g => g.Name != "default").Select(static g => g.Name).ToArray(),
                    snapshots = r.Snapshots.Keys.ToArray(),
                    secrets = r.Secrets.Values.Select(static s => s.Name).ToArray(),
                }).ToArray(),
            };
        }
    }

    private static Task SayAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { message }, Json, context.RequestAborted);
    }

    private sealed record FaultRequest(
        double? ThrottleShare =
            null, double? ErrorShare = null, bool? HtmlErrors = null, double? SlowRoleSeconds = null, int? Blinks = null,
        int? CapacityRefusals = null, IReadOnlyList<string>? Deny = null, IReadOnlyList<DropRequest>? Drop = null,
        double? CopyPauseSeconds = null, IReadOnlyList<string>? FailStatements = null, IReadOnlyList<string>? DenyObjects = null,
        long? DropDuringCopyAfter = null, ManagedPasswords? ManagedPasswords = null, bool? BareRestores = null);

    private sealed record DropRequest(string Action, DropMoment Moment, int Times = 1);
}
