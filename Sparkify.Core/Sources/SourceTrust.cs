namespace Sparkify.Core.Sources;

/// <summary>How far a source is trusted.</summary>
internal enum SourceTrust
{
    /// <summary>As far as the allowed folders and buckets go, where any are set.</summary>
    Listed,

    /// <summary>Also where an administrator said, though not where links lead from there.</summary>
    Vouched,

    /// <summary>The application's own generated sample.</summary>
    Sample,
}
