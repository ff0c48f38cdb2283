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
