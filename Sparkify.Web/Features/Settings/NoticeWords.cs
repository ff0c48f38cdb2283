using System.Diagnostics;
using Sparkify.Core.Notices;

namespace Sparkify.Web.Features.Settings;

/// <summary>What notices and hooks are called on the page.</summary>
internal static class NoticeWords
{
    /// <summary>An event as something that is chosen.</summary>
    public static string For(NoticeEvent what) => what switch
    {
        NoticeEvent.Failed => "Failed",
        NoticeEvent.NeedsDecision => "Needs a decision",
        NoticeEvent.Warnings => "Succeeded with rejects or warnings",
        NoticeEvent.Recovered => "Recovered: succeeded after a failure",
        NoticeEvent.Idle => "An idle cluster is about to be stopped",
        NoticeEvent.Spending => "A cluster nears or reaches its monthly limit",
        NoticeEvent.Stale => "What readers see is older than it may be",
        _ => throw new UnreachableException($"No words for {what}."),
    };

    /// <summary>An event in a list.</summary>
    public static string Short(NoticeEvent what) => what switch
    {
        NoticeEvent.Warnings => "Warnings",
        NoticeEvent.Recovered => "Recovered",
        NoticeEvent.Idle => "Idle",
        NoticeEvent.Spending => "Spending",
        NoticeEvent.Stale => "Stale",
        _ => For(what),
    };

    /// <summary>A form.</summary>
    public static string For(HookForm form) => form == HookForm.Slack ? "Slack message" : "JSON";

    /// <summary>For which warehouses.</summary>
    public static string Warehouses(IReadOnlyList<string>? some) =>
        some is null ? "all warehouses" : some.Count == 0 ? "no warehouse (any more)" : string.Join(", ", some);
}
