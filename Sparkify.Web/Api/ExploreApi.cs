using System.ComponentModel.DataAnnotations;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Warehouses;
using Sparkify.Core.Warehouses.Profiles;
using Sparkify.Web.Api.Contract;

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
            .Is("profileTable", "What the values of each column of a published table are like");
        tables.MapGet(
            "/rows", (string name, string table, ITableProfiles profiles, CancellationToken ct) => profiles.SampleAsync(name, table, ct))
            .Is("sampleTable", "A few rows of a published table");
        var source = api.MapGroup("/warehouses/{name}/source").WithTags("Sources");
        source.MapGet("/files", FilesAsync).Is("listSourceFiles", "The files of one part of a warehouse's source");
        source.MapGet("/records", RecordsAsync).Is("listSourceRecords", "Records of one file");
        source.MapGet("/file", FileAsync).Is("downloadSourceFile", "One file as it is stored, to keep")
            .Answers(MediaTypeNames.Text.Plain, "The file.")
            .Answers(MediaTypeNames.Application.GZip, "The file, when its name ends in .gz.");
        source.MapGet("/first", FirstAsync).Is("downloadFirstRecords", "The first records of all files of a part, one per line")
            .Answers("application/x-ndjson", "A record in each line, as it stands in its file.");
        source.MapGet("/profile", ProfileAsync)
            .Is("profileSource", "What fields are like, and where they differ from what a load expects");
    }

    private static async Task<SourceListing> FilesAsync(
        string name, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct,
        [Words(typeof(SourcePart))] string? part = null) =>
        await explorer.FilesAsync((await warehouses.GetAsync(name, ct)).Source, Part(part), ct);

    private static async Task<SourceRecords> RecordsAsync(
        string name, string file, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct,
        [Words(typeof(SourcePart))] string? part = null, [Range(0, int.MaxValue)] int skip = 0, [Range(1, MostAtOnce)] int most = 100) =>
        await explorer.RecordsAsync((await warehouses.GetAsync(name, ct)).Source, Part(part), file, skip, most, ct);

    private static async Task<FileStreamHttpResult> FileAsync(
        string name, string file, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct,
        [Words(typeof(SourcePart))] string? part = null) =>
        TypedResults.Stream(
            await explorer.OpenAsync((await warehouses.GetAsync(name, ct)).Source, Part(part), file, ct),
            file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? MediaTypeNames.Application.GZip : MediaTypeNames.Text.Plain,
            file[(file.LastIndexOf('/') + 1)..]);

    private static async Task FirstAsync(
        string name, IWarehouses warehouses, ISourceExplorer explorer, HttpResponse response, CancellationToken ct,
        [Words(typeof(SourcePart))] string? part = null, [Range(1, MostAtOnce)] int most = MostAtOnce)
    {
        var of = Part(part);
        var source = (await warehouses.GetAsync(name, ct)).Source;
        var records = await Begun.WithAsync(explorer.FirstAsync(source, of, most, ct), ct);
        response.ContentType = "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}-{of.ToString().ToLowerInvariant()}-first-{most}.ndjson\"";
        await foreach (var record in records.WithCancellation(ct))
        {
            await response.WriteAsync(record + "\n", ct);
        }
    }

    private static async Task<SourceProfile> ProfileAsync(
        string name, IWarehouses warehouses, ISourceExplorer explorer, CancellationToken ct,
        [Words(typeof(SourcePart))] string? part = null, string? file = null, [Range(1, SourceScope.MostRecords)] int most = 1000) =>
        await explorer.ProfileAsync((await warehouses.GetAsync(name, ct)).Source, new SourceScope(Part(part), file, most), ct);

    private static SourcePart Part(string? word) => QueryWord.Parse<SourcePart>(word, "part") ?? SourcePart.Events;
}
