using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Dashboards: reports arranged under one set of filters, the same for everybody.</summary>
internal static class DashboardsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/dashboards").WithTags("Dashboards");
        group.MapGet("/", (IDashboards dashboards, CancellationToken ct) => dashboards.ListAsync(ct))
            .Is("listDashboards", "Every dashboard with its reports: Home's, then by name");
        group.MapGet("/{id}", FindAsync).Is("getDashboard", "One dashboard").HasVersions();
        group.MapPost("/", CreateAsync).Is("createDashboard", "Make an empty dashboard").Example("""{"name": "Monday"}""");
        group.MapPost("/{id}/tiles", PinAsync).Is("pinReport", "Pin a report to a dashboard (home for Home)")
            .Example("""{"report": "top-songs", "parameters": {"level": "paid"}, "wide": true}""");
        group.MapPatch("/{id}", ChangeAsync)
            .Is("changeDashboard", "Rename a dashboard, or give it other tiles: say then which version was looked at, by If-Match or in the body; a later change is a conflict")
            .Example("""{"name": "Tuesday"}""").HasVersions().Refuses(StatusCodes.Status428PreconditionRequired);
        group.MapDelete("/{id}", DeleteAsync).Is("deleteDashboard", "Delete a dashboard; its reports are not touched");
    }

    private static async Task<Created<Dashboard>> CreateAsync(NewDashboard body, IDashboards dashboards, Actor actor, CancellationToken ct)
    {
        var made = await dashboards.CreateAsync(body.Name ?? "", actor, ct);
        return TypedResults.Created($"/api/v1/dashboards/{made.Id}", made);
    }

    private static async Task<Dashboard> FindAsync(string id, IDashboards dashboards, HttpResponse response, CancellationToken ct) =>
        Tagged(response, await dashboards.GetAsync(id, ct));

    private static Task<Dashboard> PinAsync(string id, Tile body, IDashboards dashboards, Actor actor, CancellationToken ct) =>
        dashboards.PinAsync(id, body.Made(), actor, ct);

    private static Task<Dashboard> ChangeAsync(
        string id, ChangeDashboard body, IDashboards dashboards, Versions versions, HttpContext http, Actor actor, CancellationToken ct) =>
        versions.ChangeAsync(http, () => dashboards.GetAsync(id, ct), Tag, async now => body switch
        {
            { Name: { } name, Tiles: null } => await dashboards.RenameAsync(id, name, actor, ct),
            // All tiles are replaced: whoever does not say which they looked at would take away what somebody else put there.
            { Name: null, Tiles: { } tiles } => await dashboards.ArrangeAsync(
                id, body.Version ?? now?.Version ?? throw new HttpProblem(
                    StatusCodes.Status428PreconditionRequired,
                    "Say which dashboard the tiles were made from: its ETag in the header If-Match, or its version in the body."),
                [.. tiles.Select(static t => t.Made())], actor, ct),
            _ => throw SparkifyException.Invalid("Say what to change: the name, or the tiles."),
        }, ct);

    private static string Tag(Dashboard dashboard) => $"{dashboard.Version}";

    private static Dashboard Tagged(HttpResponse response, Dashboard dashboard)
    {
        Versions.Tell(response, Tag(dashboard));
        return dashboard;
    }

    private static async Task<NoContent> DeleteAsync(string id, IDashboards dashboards, Actor actor, CancellationToken ct)
    {
        await dashboards.DeleteAsync(id, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>POST /api/v1/dashboards</c>.</summary>
    /// <param name="Name">Its name.</param>
    internal sealed record NewDashboard(string? Name);

    /// <summary>The body of <c>POST /api/v1/dashboards/{id}/tiles</c>.</summary>
    /// <param name="Report">The report's id.</param>
    /// <param name="Parameters">The parameters it keeps.</param>
    /// <param name="Wide">Whether it takes twice the width of the others.</param>
    internal sealed record Tile(string? Report, Dictionary<string, string?>? Parameters = null, bool Wide = false)
    {
        public DashboardTile Made() => new(Report ?? "", Parameters ?? [], Wide);
    }

    /// <summary>The body of <c>PATCH /api/v1/dashboards/{id}</c>.</summary>
    /// <param name="Name">Its new name.</param>
    /// <param name="Version">The version the tiles were made from, where If-Match does not say it.</param>
    /// <param name="Tiles">All its tiles, in their order.</param>
    internal sealed record ChangeDashboard(string? Name = null, int? Version = null, Tile[]? Tiles = null);
}
