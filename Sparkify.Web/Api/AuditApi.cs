using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>The audit trail: a page of it, or all of it as a file.</summary>
internal static class AuditApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/audit").WithTags("Audit");
        group.MapGet("/", ListAsync)
            .Is("listAudit", "Lines of the audit trail, newest first: with a text, of an outcome, from one time until another");
        group.MapGet("/download", DownloadAsync).Is("downloadAudit", "All of those lines, oldest first, as a file")
            .Answers("text/csv", "A line of headings, and a line for each.").Answers("application/x-ndjson", "A JSON object in each line.");
    }

    private static Task<Page<AuditLine>> ListAsync(
        IAuditTrail trail, CancellationToken ct, string? text = null, [Words(typeof(AuditOutcome))] string? outcome = null,
        DateTimeOffset? from = null, DateTimeOffset? until = null, [Range(1, int.MaxValue)] int page = 1,
        [Range(1, IAuditTrail.MostOnAPage)] int size = 50) => trail.ListAsync(Filter(text, outcome, from, until), page, size, ct);

    private static async Task DownloadAsync(
        IAuditTrail trail, HttpResponse response, IOptions<JsonOptions> json, CancellationToken ct,
        [Words("csv", "jsonl")] string? format = null, string? text = null, [Words(typeof(AuditOutcome))] string? outcome = null,
        DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var csv = format switch
        {
            "csv" => true,
            "jsonl" => false,
            _ => throw SparkifyException.Invalid("Say in which form: ?format=csv or ?format=jsonl."),
        };
        // What is refused is said before the file begins.
        var lines = await Begun.WithAsync(trail.AllAsync(Filter(text, outcome, from, until), ct), ct);
        response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(csv ? "csv" : "jsonl")}\"";
        if (csv)
        {
            await AuditCsv.WriteAsync(lines, response.Body, ct);
            return;
        }

        await foreach (var line in lines.WithCancellation(ct))
        {
            await response.WriteAsync(JsonSerializer.Serialize(line, json.Value.SerializerOptions) + "\n", ct);
        }
    }

    private static AuditFilter Filter(string? text, string? outcome, DateTimeOffset? from, DateTimeOffset? until) =>
        new(text, QueryWord.Parse<AuditOutcome>(outcome, nameof(outcome)), from, until);
}
