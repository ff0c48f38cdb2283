using System.Diagnostics;
using OpenTelemetry;
using Sparkify.Core.Common;

namespace Sparkify.Web.Telemetry;

/// <summary>
/// What of a span leaves the machine. What the application does for itself all the time (its queue looks for work, the watch asks whether
/// the database answers) is left out; so is what may hold a secret: the text of statements, in which people write what they like and roles
/// get their passwords, what a failure says, which quotes statements and data, and the addresses of hooks, whose path is the key to them.
/// </summary>
internal sealed class SpanRules : BaseProcessor<Activity>
{
    /// <summary>The sources of spans that are exported, beside that of requests.</summary>
    public static readonly string[] Sources = [Signals.Name, Npgsql, "System.Net.Http"];

    private const string Npgsql = "Npgsql";
    private const string Statement = "db.query.text";

    private static readonly string[] KeptBack = [Statement, "url.full"];

    // Where the embedded server is, is a path in the data folder.
    private static readonly string[] OfDatabases = [.. KeptBack, "server.address", "server.port"];

    // An event cannot be taken off a span, but what it says can be given before the runtime writes the message and the trace of the stack.
    private readonly ActivityListener _failures = new()
    {
        ShouldListenTo = static source => Sources.Contains(source.Name) || source.Name == "Microsoft.AspNetCore",
        ExceptionRecorder = static (_, _, ref tags) =>
        {
            tags.Add("exception.message", "");
            tags.Add("exception.stacktrace", "");
        },
    };

    public SpanRules() => ActivitySource.AddActivityListener(_failures);

    public override void OnStart(Activity data)
    {
        // A call out that belongs to nothing.
        if (data is { Kind: ActivityKind.Client, ParentId: null })
        {
            data.IsAllDataRequested = false;
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem(Statement) is string sql)
        {
            // Its first word says what it was.
            data.DisplayName = $"{FirstWord(sql)} {data.GetTagItem("db.namespace")}".Trim();
        }

        foreach (var tag in data.Source.Name == Npgsql ? OfDatabases : KeptBack)
        {
            if (data.GetTagItem(tag) is not null)
            {
                data.SetTag(tag, null);
            }
        }

        // Without its description, which is what the failure says. The tag error.type stays.
        data.SetStatus(data.Status);
    }

    protected override void Dispose(bool disposing)
    {
        _failures.Dispose();
        base.Dispose(disposing);
    }

    private static string FirstWord(string sql)
    {
        var text = sql.AsSpan().TrimStart();
        var end = 0;
        while (end < text.Length && char.IsAsciiLetter(text[end]))
        {
            end++;
        }

        return text[..end].ToString().ToUpperInvariant();
    }
}
