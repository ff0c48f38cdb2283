namespace Sparkify.Tests.Support;

/// <summary>A test of the real logs and songs, which are no part of the project: skipped where they do not lie beside it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataFactAttribute : FactAttribute
{
    /// <summary>Why such a test is skipped; none when it is not.</summary>
    public static string? Missing => RealData.Folder is null ? "The real data do not lie beside the project." : null;

    public RealDataFactAttribute() => Skip = Missing;
}

/// <summary>The same for a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataTheoryAttribute : TheoryAttribute
{
    public RealDataTheoryAttribute() => Skip = RealDataFactAttribute.Missing;
}
