namespace Sparkify.Core.Star;

/// <summary>What a table is for.</summary>
public enum TableRole
{
    /// <summary>The raw rows of the source.</summary>
    Staging,

    /// <summary>The fact table.</summary>
    Fact,

    /// <summary>A dimension of the star.</summary>
    Dimension,
}
