namespace Sparkify.Core.Common;

/// <summary>How much of a source a load reads.</summary>
public enum LoadMode
{
    /// <summary>All of it: the star is built anew.</summary>
    Full,

    /// <summary>The files that are new or have changed since the load whose star readers see: they are added to that star.</summary>
    Incremental,
}
