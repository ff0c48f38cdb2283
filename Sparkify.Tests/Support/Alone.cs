namespace Sparkify.Tests.Support;

/// <summary>Tests that measure memory: they run while no others do, which would be measured with them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
