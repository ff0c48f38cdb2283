using System.Diagnostics;

namespace Sparkify.Core.Common;

/// <summary>What the application is called in what is seen of it from outside, and where its spans come from.</summary>
public static class Signals
{
    /// <summary>The name of its meter and of its source of spans.</summary>
    public const string Name = "Sparkify";

    /// <summary>Its source of spans.</summary>
    public static ActivitySource Spans { get; } = new(Name);

    /// <summary>The id of the trace that is under way, by which the log knows it; none outside of any.</summary>
    public static string? TraceId => Activity.Current?.TraceId.ToHexString();
}
