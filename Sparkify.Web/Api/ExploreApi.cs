using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;

namespace Sparkify.Web.Api;

/// <summary>Tables and sources from near: profiles, sample rows, files and records.</summary>
internal static class ExploreApi
{
    private const int MostAtOnce = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        var tables = api.MapGroup("/warehouses/{name}/tables/{table}").WithTags("Warehouses");
        tables.MapGet("/profile", (string name, string table, ITableProfiles profiles, CancellationToken ct) => profiles.ProfileAsync(
            name, table, ct))
            .WithSummary("What the values of each column of a published table are like");
        tables.MapGet(
            "/rows", (string name, string table, ITableProfiles profiles, CancellationToken ct) => profiles.SampleAsync(name, table, ct))
            .WithSummary("A few rows of a published table");
        var source = api.MapGroup("/warehouses/{name}/source").WithTags("Sources");
        source.MapGet("/files", FilesAsync).WithSummary("The files of one part of a warehouse's source: part=events or songs");
        source.MapGet("/records", RecordsAsync).WithSummary("Records of one file: part, file, skip, most");
        source.MapGet("/file", FileAsync).WithSummary("One file as it is stored, to keep: part, file");
        source.MapGet("/first", FirstAsync).WithSummary("The first records of all files of a part, one per line (NDJSON): part, most");
        source.MapGet("/profile", ProfileAsync).WithSummary(
            "What fields are like, and where they differ from what a load expects: part, file (left out: all files), most");
    }

    private static async Task<SourceListing> FilesAsync(
        string name, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct, string? part = null) =>
        await explorer.FilesAsync((await warehouses.GetAsync(name, ct)).Source, Part(part), ct);

    private static async Task<SourceRecords> RecordsAsync(
        string name, string file, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct, string? part =
            null, int skip = 0, int most = 100)
    {
        Check(nameof(skip), skip, 0, int.MaxValue);
        Check(nameof(most), most, 1, MostAtOnce);
        return await explorer.RecordsAsync((await warehouses.GetAsync(name, ct)).Source, Part(part), file, skip, most, ct);
    }

    private static async Task<FileStreamHttpResult> FileAsync(
        string name, string file, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct, string? part = null) =>
        TypedResults.Stream(
            await explorer.OpenAsync((await warehouses.GetAsync(name, ct)).Source, Part(part), file, ct),
            file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? MediaTypeNames.Application.GZip : MediaTypeNames.Text.Plain,
            file[(file.LastIndexOf('/') + 1)..]);

    private static async Task FirstAsync(
        string name, IWarehouses warehouses, ISourceExplorer explorer, HttpResponse response, CancellationToken ct, string? part = null,
        int most = MostAtOnce)
    {
        Check(nameof(most), most, 1, MostAtOnce);
        var of = Part(part);
        var source = (await warehouses.GetAsync(name, ct)).Source;
        await using var records = explorer.FirstAsync(source, of, most, ct).GetAsyncEnumerator(ct);
        // What cannot be read at all is said before the file begins.
        var any = await records.MoveNextAsync();
        response.ContentType = "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}-{of.ToString().ToLowerInvariant()}-first-{most}.ndjson\"";
        for (; any; any = await records.MoveNextAsync())
        {
            await response.WriteAsync(records.Current + "\n", ct);
        }
    }

    private static async Task<SourceProfile> ProfileAsync(
        string name, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct, string? part =
            null, string? file = null, int most = 1000)
    {
        Check(nameof(most), most, 1, SourceScope.MostRecords);
        return await explorer.ProfileAsync((await warehouses.GetAsync(name, ct)).Source, new SourceScope(Part(part), file, most), ct);
    }

    private static SourcePart Part(string? word) => QueryWord.Parse<SourcePart>(word, "part") ?? SourcePart.Events;

    // The answers do not repeat these numbers, so one that was quietly exchanged for another would go unnoticed.
    private static void Check(string parameter, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw SparkifyException.Invalid($"'{value}' is no value for '{parameter}'. It is a whole number from {least} to {most}.");
        }
    }
}
