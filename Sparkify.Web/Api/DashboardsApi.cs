using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Dashboards;

namespace Sparkify.Web.Api;

/// <summary>Dashboards: reports arranged under one set of filters, the same for everybody.</summary>
internal static class DashboardsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/dashboards").WithTags("Dashboards");
        group.MapGet("/", (IDashboards dashboards, CancellationToken ct) => dashboards.ListAsync(ct))
            .WithSummary("Every dashboard with its reports: Home's, then by name");
        group.MapGet("/{id}", (string id, IDashboards dashboards, CancellationToken ct) => dashboards.GetAsync(id, ct))
            .WithSummary("One dashboard");
        group.MapPost("/", CreateAsync).WithSummary("Make an empty dashboard");
        group.MapPost("/{id}/tiles", PinAsync).WithSummary("Pin a report to a dashboard (home for Home)");
        group.MapPatch("/{id}", ChangeAsync).WithSummary(
            "Rename a dashboard, or give it other tiles: version then says which one was looked at, and a later change is a conflict");
        group.MapDelete("/{id}", DeleteAsync).WithSummary("Delete a dashboard; its reports are not touched");
    }

    private static async Task<Created<Dashboard>> CreateAsync(NewDashboard body, IDashboards dashboards, Actor actor, CancellationToken ct)
    {
        var made = await dashboards.CreateAsync(body.Name ?? "", actor, ct);
        return TypedResults.Created($"/api/v1/dashboards/{made.Id}", made);
    }

    private static Task<Dashboard> PinAsync(string id, Tile body, IDashboards dashboards, Actor actor, CancellationToken ct) =>
        dashboards.PinAsync(id, body.Made(), actor, ct);

    private static async Task<Dashboard> ChangeAsync(
        string id, Changed body, IDashboards dashboards, Actor actor, CancellationToken ct) => body switch
        {
            { Name: { } name, Tiles: null } => await dashboards.RenameAsync(id, name, actor, ct),
            { Name: null, Tiles: { } tiles, Version: { } version } =>
                await dashboards.ArrangeAsync(id, version, [.. tiles.Select(static t => t.Made())], actor, ct),
            _ => throw SparkifyException.Invalid("Say what to change: the name, or the tiles together with the version they were made from."),
        };

    private static async Task<NoContent> DeleteAsync(string id, IDashboards dashboards, CancellationToken ct)
    {
        await dashboards.DeleteAsync(id, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>POST /api/v1/dashboards</c>.</summary>
    internal sealed record NewDashboard(string? Name);

    /// <summary>The body of <c>POST /api/v1/dashboards/{id}/tiles</c>.</summary>
    internal sealed record Tile(string? Report, Dictionary<string, string?>? Parameters = null, bool Wide = false)
    {
        public DashboardTile Made() => new(Report ?? "", Parameters ?? [], Wide);
    }

    /// <summary>The body of <c>PATCH /api/v1/dashboards/{id}</c>.</summary>
    internal sealed record Changed(string? Name = null, int? Version = null, Tile[]? Tiles = null);
}
