using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api;

/// <summary>The audit trail: a page of it, or all of it as a file.</summary>
internal static class AuditApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/audit").WithTags("Audit");
        group.MapGet("/", ListAsync).WithSummary("Lines of the audit trail, newest first: with a text, of an outcome, from one time until another");
        group.MapGet("/download", DownloadAsync).WithSummary("All of those lines, oldest first: format=csv or jsonl");
    }

    private static Task<Page<AuditLine>> ListAsync(
        IAuditTrail trail, CancellationToken ct, string? text = null, string? outcome = null, DateTimeOffset? from = null,
        DateTimeOffset? until = null, int page = 1, int size = 50) => trail.ListAsync(Filter(text, outcome, from, until), page, size, ct);

    private static async Task DownloadAsync(
        IAuditTrail trail, HttpResponse response, IOptions<JsonOptions> json, CancellationToken ct, string? format = null,
        string? text = null, string? outcome = null, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        var csv = format switch
        {
            "csv" => true,
            "jsonl" => false,
            _ => throw SparkifyException.Invalid("Say in which form: ?format=csv or ?format=jsonl."),
        };
        await using var lines = trail.AllAsync(Filter(text, outcome, from, until), ct).GetAsyncEnumerator(ct);
        // What is refused is said before the file begins.
        var any = await lines.MoveNextAsync();
        response.ContentType = csv ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(csv ? "csv" : "jsonl")}\"";
        if (csv)
        {
            await response.WriteAsync(AuditCsv.Head, ct);
        }

        for (; any; any = await lines.MoveNextAsync())
        {
            await response.WriteAsync(
                csv ? AuditCsv.Row(lines.Current) : JsonSerializer.Serialize(lines.Current, json.Value.SerializerOptions) + "\n", ct);
        }
    }

    private static AuditFilter Filter(string? text, string? outcome, DateTimeOffset? from, DateTimeOffset? until) =>
        new(text, QueryWord.Parse<AuditOutcome>(outcome, nameof(outcome)), from, until);
}

/// <summary>Lines of the audit trail as CSV. What people typed stands in them: none of it becomes a formula.</summary>
internal static class AuditCsv
{
    /// <summary>The first line.</summary>
    public const string Head = "id,at,actor,address,via,what,warehouse,detail,outcome,said\r\n";

    /// <summary>One line.</summary>
    public static string Row(AuditLine line) => string.Join(',',
        line.Id.ToString(), line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), Cell(line.Actor), Cell(line.Address),
        Cell(line.Via), Cell(line.What), Cell(line.Warehouse), Cell(line.Detail), line.Outcome.ToString().ToLowerInvariant(),
        Cell(line.Said)) + "\r\n";

    private static string Cell(string? text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text ?? "";
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
