using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Notices;

/// <summary>Puts notices into the forms that hooks take.</summary>
internal sealed class HookBody(IOptions<SparkifyOptions> options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>A notice in a form.</summary>
    public string Of(HookForm form, Notice notice) => Of(form, new Payload(
        JsonNamingPolicy.CamelCase.ConvertName(notice.Event.ToString()), notice.Time, notice.Warehouse, notice.Text,
        notice.Run is { } run ? new PayloadRun(run.Id, run.Kind, run.State, run.Error, Link($"runs/{run.Id}")) : null,
        Link($"warehouses/{notice.Warehouse}")));

    /// <summary>A notice that says it is a test.</summary>
    public string Test(HookForm form, string hook, Actor actor, DateTimeOffset now) => Of(form, new Payload(
        "test", now, Warehouse: null, $"This is a test of the hook '{hook}', sent by {actor.Name}.", Run: null, Link("settings/notices")));

    private static string Of(HookForm form, Payload payload) => form == HookForm.Slack
        ? JsonSerializer.Serialize(new { text = Escaped(payload) }, Json)
        : JsonSerializer.Serialize(payload, Json);

    // https://docs.slack.dev/messaging/formatting-message-text: these three characters and no other.
    private static string Escaped(Payload payload) =>
        Escaped(payload.Text) + ((payload.Run?.Link ?? payload.Link) is { } link ? $"\n<{Escaped(link)}|Open in Sparkify>" : null);

    private static string Escaped(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private string? Link(string path) => options.Value.PublicUrl is { } url ? $"{url.TrimEnd('/')}/{path}" : null;

    private sealed record Payload(string Event, DateTimeOffset Time, string? Warehouse, string Text, PayloadRun? Run, string? Link);

    private sealed record PayloadRun(long Id, RunKind Kind, RunState State, string? Error, string? Link);
}
