using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Chains: up, load, reports, and down again, in one call; and the files they save.</summary>
internal static class ChainsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/warehouses/{name}/chains").WithTags("Chains");
        group.MapGet("/", ListAsync).Is("listChains", "The latest chains of a warehouse, newest first, at most 50");
        group.MapPost("/", StartAsync)
            .Is("startChain", "Bring a warehouse up, load it, save reports as CSV, then pause it or tear it down: what it began it ends, also when a part fails")
            .Example("""{"reports": ["top-songs", "active-users"], "end": "leave"}""");
        group.MapGet("/{id:long}", FindAsync).Is("getChain", "One chain with its parts");
        group.MapPost("/{id:long}/cancel", CancelAsync).Is("cancelChain", "Stop the part at work and go on with the end");
        var files = api.MapGroup("/runs/{id:long}/files").WithTags("Runs");
        files.MapGet("/", FilesAsync).Is("listSavedReports", "The reports a run saved as files and that are still kept");
        files.MapGet("/{report}", FileAsync).Is("downloadSavedReport", "A report that a run saved, as CSV")
            .Answers(CsvResult.Type, CsvResult.Meaning);
    }

    private static Task<IReadOnlyList<Chain>> ListAsync(string name, IChains chains, CancellationToken ct) => chains.ListAsync(name, ct);

    private static async Task<Accepted<Chain>> StartAsync(string name, StartChain body, IChains chains, Actor actor, CancellationToken ct)
    {
        var end = body.End ?? throw SparkifyException.Invalid(
            "Say what becomes of the warehouse: {\"end\": \"leave\"}, \"pause\" or \"teardown\".");
        return Accepted(await chains.StartAsync(name, new NewChain(body.Reports ?? [], end, body.Confirm, body.Opens), actor, ct));
    }

    private static Task<Chain> FindAsync(string name, long id, IChains chains, CancellationToken ct) => chains.GetAsync(name, id, ct);

    private static async Task<Accepted<Chain>> CancelAsync(string name, long id, IChains chains, Actor actor, CancellationToken ct) =>
        Accepted(await chains.CancelAsync(name, id, actor, ct));

    private static Task<IReadOnlyList<SavedReport>> FilesAsync(long id, ISavedReports files, CancellationToken ct) =>
        files.ListAsync(id, ct);

    private static async Task<FileStreamHttpResult> FileAsync(
        long id, string report, ISavedReports files, Actor actor, CancellationToken ct)
    {
        var name = (await files.ListAsync(id, ct)).FirstOrDefault(f => f.Report == report)?.FileName;
        return TypedResults.File(
            await files.OpenAsync(id, report, actor, ct), "text/csv; charset=utf-8", name, enableRangeProcessing: true);
    }

    private static Accepted<Chain> Accepted(Chain chain) =>
        TypedResults.Accepted($"/api/v1/warehouses/{chain.Warehouse}/chains/{chain.Id}", chain);
}

/// <summary>The body of <c>POST /api/v1/warehouses/{name}/chains</c>.</summary>
/// <param name="End">What becomes of the warehouse at the end.</param>
/// <param name="Reports">The ids of the reports to save as CSV after the load; none saves none.</param>
/// <param name="Confirm">The warehouse's name, where the end is <c>teardown</c>: it destroys all data in it.</param>
/// <param name="Opens">
/// What brings the warehouse up, as it was confirmed: when it would be another thing by now, nothing begins (409). To be left out only
/// where the end is not <c>teardown</c>.
/// </param>
public sealed record StartChain(
    ChainEnd? End, IReadOnlyList<string>? Reports = null, string? Confirm = null, ChainOpening? Opens = null);
