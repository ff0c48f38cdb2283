namespace Sparkify.Core.Sources.Records;

/// <summary>What the section <c>Sparkify:Load</c> says about records.</summary>
public sealed class RecordOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "Sparkify:Load";

    /// <summary>Whether a text longer than its column is cut (at a character) instead of its record being rejected.</summary>
    public bool TruncateColumns { get; set; }
}
