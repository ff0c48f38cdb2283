using System.Diagnostics;
using OpenTelemetry;

namespace Sparkify.Web.Telemetry;

/// <summary>
/// What of a span leaves the machine. What the application does for itself all the time (its queue looks for work, the watch asks whether
/// the database answers) is left out; so is what may hold a secret: the text of statements, in which people write what they like and roles
/// get their passwords, and the addresses of hooks, whose path is the key to them.
/// </summary>
internal sealed class SpanRules : BaseProcessor<Activity>
{
    private const string Statement = "db.query.text";
    private const string Address = "url.full";

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
            data.SetTag(Statement, null);
        }

        if (data.GetTagItem(Address) is not null)
        {
            data.SetTag(Address, null);
        }
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
