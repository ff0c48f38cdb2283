using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Warehouses, what they own, their tables and rejects.</summary>
internal static class WarehousesApi
{
    private const string Described =
        """{"name": "music", "target": "local", "source": {"events": "/data/log_data", "songs": "/data/song_data"}, "maxRejects": 1000}""";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/warehouses").WithTags("Warehouses");
        group.MapGet("/", ListAsync).Is("listWarehouses", "All warehouses");
        group.MapPost("/", CreateAsync).Is("createWarehouse", "Describe a warehouse; nothing is created yet")
            .Example(Described).HasVersions();
        group.MapGet("/{name}", FindAsync).Is("getWarehouse", "One warehouse").HasVersions();
        group.MapPatch("/{name}", ChangeAsync)
            .Is(
                "changeWarehouse",
                "Change at how many bad records loads fail, when they ask before they publish, how old what readers see may be, its AWS connection, or settings of the cluster")
            .Example("""{"maxRejects": 1000, "decisionLimits": {"leastOfPublished": 80}, "freshness": {"lastLoad": 24}}""").HasVersions();
        group.MapDelete("/{name}", ForgetAsync).Is("forgetWarehouse", "Forget a warehouse that was torn down");
        group.MapGet("/{name}/plan", PlanAsync).Is("planWarehouse", "What provisioning would create, adopt or change");
        group.MapPost("/{name}/passwords", RotateAsync)
            .Is("rotatePasswords", "Give the loader and the reporter new passwords, by a provisioning; connections with the old ones end");
        group.MapGet("/{name}/resources", ResourcesAsync).Is("listResources", "What the warehouse owns, from the journal");
        group.MapGet("/{name}/tables", TablesAsync).Is("listTables", "Staging tables and star with their columns and counts");
        group.MapGet("/{name}/plays", PlaysAsync).Is("countPlays", "How many events became plays, and how many of them the catalogue knows");
        group.MapGet("/{name}/rejects", RejectsAsync).Is("listRejects", "Records a load could not stage");
        group.MapGet("/{name}/rejects/reasons", ReasonsAsync)
            .Is("listRejectReasons", "What is wrong with them and what to do about it, the most frequent first");
        group.MapGet("/{name}/rejects/download", DownloadAsync).Is("downloadRejects", "All of them as one JSON file");
        group.MapGet("/{name}/stars", StarsAsync).Is("listStars", "The star readers see, then those of before that are kept and can be put back");
        group.MapGet("/{name}/checks", ChecksAsync).Is("listChecks", "Results of a load's checks");
        api.MapPost("/plans", DraftPlanAsync).WithTags("Warehouses")
            .Is("planDraft", "What provisioning would do for a warehouse that is only being described").Example(Described);
        api.MapPost("/sources/test", TestAsync).WithTags("Sources")
            .Is("testSource", "Look whether a source can be loaded, with its first records")
            .Example("""{"source": {"events": "/data/log_data", "songs": "/data/song_data"}}""");
    }

    private static async Task<IEnumerable<WarehouseJson>> ListAsync(IWarehouses warehouses, TimeProvider clock, CancellationToken ct) =>
        (await warehouses.ListAsync(ct)).Select(w => WarehouseJson.Of(w, clock));

    private static async Task<Created<WarehouseJson>> CreateAsync(
        CreateWarehouse body, IWarehouses warehouses, HttpResponse response, TimeProvider clock, Actor actor, CancellationToken ct)
    {
        var made = await warehouses.CreateAsync(body.ToRequest(), actor, ct);
        return TypedResults.Created($"/api/v1/warehouses/{made.Name}", Tagged(response, made, clock));
    }

    private static async Task<WarehouseJson> FindAsync(
        string name, IWarehouses warehouses, HttpResponse response, TimeProvider clock, CancellationToken ct) =>
        Tagged(response, await warehouses.GetAsync(name, ct), clock);

    private static async Task<WarehouseJson> ChangeAsync(
        string name, ChangeWarehouse body, IWarehouses warehouses, Versions versions, IOptions<JsonOptions> json, HttpContext http,
        TimeProvider clock, Actor actor, CancellationToken ct) =>
        WarehouseJson.Of(await versions.ChangeAsync(
            http, () => warehouses.GetAsync(name, ct), Tag, async now => await ChangedAsync(
                now ?? await warehouses.GetAsync(name, ct), body, warehouses, json, actor, ct), ct), clock);

    // What a person can change makes the version, not what happens to a warehouse.
    private static string Tag(Warehouse warehouse) => Versions.Of(
        $"{warehouse.CreatedAt:O}", $"{warehouse.MaxRejects}", warehouse.DecisionLimits.ToString(), warehouse.Freshness.ToString(),
        $"{warehouse.LoadMode}",
        warehouse.Redshift?.ToString() ?? "",
        warehouse.Connection ?? "");

    private static WarehouseJson Tagged(HttpResponse response, Warehouse warehouse, TimeProvider clock)
    {
        Versions.Tell(response, Tag(warehouse));
        return WarehouseJson.Of(warehouse, clock);
    }

    private static async Task<Warehouse> ChangedAsync(
        Warehouse warehouse, ChangeWarehouse body, IWarehouses warehouses, IOptions<JsonOptions> json, Actor actor, CancellationToken ct)
    {
        var name = warehouse.Name;
        if (body is { MaxRejects: null, Redshift: null, DecisionLimits: null, Connection: null, Freshness: null, LoadMode: null })
        {
            throw SparkifyException.Invalid(
                "Say what to change: {\"maxRejects\": 1000}, {\"decisionLimits\": {\"leastOfPublished\": 80}}, " +
                "{\"freshness\": {\"lastLoad\": 24}}, {\"loadMode\": \"incremental\"}, " +
                "{\"connection\": \"prod\"}, or {\"redshift\": {\"idleLimit\": \"04:00:00\"}}.");
        }

        // First, because they can be refused: nothing is changed by half.
        var limits = DecisionLimitsJson.Apply(body.DecisionLimits, warehouse.DecisionLimits);
        limits.Check();
        var ages = FreshnessJson.Apply(body.Freshness, warehouse.Freshness);
        ages.Check();
        if (body.MaxRejects is { } rejects)
        {
            RejectLimits.Check(rejects);
        }

        var connection = body.Connection is { } with ? NullIfEmpty(with) : warehouse.Connection;
        if (body.Redshift is { } settings)
        {
            var wanted = Patched(warehouse, settings, json);
            connection = body.Connection is null ? wanted.Connection : connection;
            (NewWarehouse.Of(warehouse) with { Redshift = wanted }).Through(connection).CheckedSettings();
        }

        if (connection != warehouse.Connection || (body.Connection is not null && body.Redshift is null))
        {
            warehouse = await warehouses.ConnectAsync(name, connection, actor, ct);
        }

        if (body.Redshift is { } patch && patch.EnumerateObject().Any(static p => !IsConnection(p.Name)))
        {
            // Onto what is there now: trying a connection takes a while.
            var onto = Patched(warehouse, patch, json) with { Connection = warehouse.Connection };
            warehouse = await warehouses.ReconfigureAsync(name, onto, actor, ct);
        }

        if (body.DecisionLimits is not null)
        {
            warehouse = await warehouses.LimitDecisionsAsync(name, limits, actor, ct);
        }

        if (body.Freshness is not null)
        {
            warehouse = await warehouses.LimitAgesAsync(name, ages, actor, ct);
        }

        if (body.LoadMode is { } mode)
        {
            warehouse = await warehouses.ChooseLoadsAsync(name, mode, actor, ct);
        }

        return body.MaxRejects is { } limit ? await warehouses.LimitRejectsAsync(name, limit, actor, ct) : warehouse;
    }

    private static RedshiftSettings Patched(Warehouse warehouse, JsonElement patch, IOptions<JsonOptions> json) =>
        SettingsPatch.Apply(warehouse.Redshift ?? new RedshiftSettings(), patch, json.Value.SerializerOptions);

    private static bool IsConnection(string property) =>
        string.Equals(property, nameof(RedshiftSettings.Connection), StringComparison.OrdinalIgnoreCase);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static async Task<NoContent> ForgetAsync(string name, IWarehouses warehouses, Actor actor, CancellationToken ct)
    {
        await warehouses.ForgetAsync(name, actor, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Accepted<StartedRun>> RotateAsync(
        string name, IWarehousePasswords passwords, Actor actor, CancellationToken ct)
    {
        var run = await passwords.RotateAsync(name, actor, ct);
        return TypedResults.Accepted($"/api/v1/runs/{run.Id}", new StartedRun(run.Id, run.State));
    }

    private static async Task<IReadOnlyList<PlannedResource>> PlanAsync(
        string name, IWarehouses warehouses, IWarehousePlans plans, CancellationToken ct)
    {
        var warehouse = await warehouses.GetAsync(name, ct);
        return await plans.PlanAsync(NewWarehouse.Of(warehouse), ct);
    }

    private static Task<IReadOnlyList<PlannedResource>> DraftPlanAsync(CreateWarehouse body, IWarehousePlans plans, CancellationToken ct) =>
        plans.PlanAsync(body.ToRequest(), ct);

    private static async Task<IReadOnlyList<OwnedResource>> ResourcesAsync(string name, IWarehouses warehouses, CancellationToken ct)
    {
        await warehouses.GetAsync(name, ct);
        return await warehouses.ResourcesAsync(name, ct);
    }

    private static Task<IReadOnlyList<TableInfo>> TablesAsync(string name, ITables tables, CancellationToken ct) =>
        tables.ListAsync(name, ct);

    private static async Task<IReadOnlyList<StarVersion>> StarsAsync(
        string name, IStarVersions versions, IWarehouses warehouses, CancellationToken ct)
    {
        await warehouses.GetAsync(name, ct);
        return await versions.ListAsync(name, ct);
    }

    private static async Task<PlayCounts> PlaysAsync(string name, ITables tables, CancellationToken ct) => await tables.PlaysAsync(name, ct)
        ?? throw SparkifyException.NotFound($"Nothing has been published in '{name}' yet. Load it first.");

    private static Task<Page<Reject>> RejectsAsync(
        string name, ILoadRecords records, CancellationToken ct, long? run = null,
        [Words(typeof(SourcePart))] string? part = null, string? reason = null, [Range(1, int.MaxValue)] int page = 1,
        [Range(1, RejectFilter.MostOnAPage)] int size = 50, [Words(typeof(RejectOrder))] string? order = null) =>
        records.RejectsAsync(
            name,
            new RejectFilter(run, Part(part), page, size, reason, QueryWord.Parse<RejectOrder>(order, nameof(order)) ?? RejectOrder.Place),
            ct);

    private static Task<IReadOnlyList<RejectReason>> ReasonsAsync(
        string name, ILoadRecords records, CancellationToken ct, long? run = null,
        [Words(typeof(SourcePart))] string? part = null) =>
        records.ReasonsAsync(name, run, Part(part), ct);

    private static async Task<IAsyncEnumerable<Reject>> DownloadAsync(
        string name, ILoadRecords records, IWarehouses warehouses, HttpResponse response, CancellationToken ct, long? run = null,
        [Words(typeof(SourcePart))] string? part = null, string? reason = null)
    {
        await warehouses.GetAsync(name, ct);
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}-rejects.json\"";
        return records.AllRejectsAsync(name, new RejectFilter(run, Part(part), Reason: reason), ct);
    }

    private static SourcePart? Part(string? word) => QueryWord.Parse<SourcePart>(word, "part");

    private static Task<IReadOnlyList<CheckResult>> ChecksAsync(
        string name, ILoadRecords records, CancellationToken ct, long? run = null) =>
        records.ChecksAsync(name, run, ct);

    private static Task<SourceReport> TestAsync(SourceTest body, ISources sources, CancellationToken ct) =>
        sources.TestAsync(SourceJson.Read(body.Source), ct);

    /// <summary>The body of <c>POST /api/v1/sources/test</c>.</summary>
    /// <param name="Source">The source.</param>
    internal sealed record SourceTest(JsonElement Source);
}
