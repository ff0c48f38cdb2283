namespace Sparkify.Core.Common;

/// <summary>The rule for how many bad records a load may have before it fails.</summary>
public static class RejectLimits
{
    /// <summary>The highest limit there is.</summary>
    public const int Most = 100_000;

    /// <summary>What is wrong with a limit, or none.</summary>
    public static string? Problem(int limit) =>
        limit is < 0 or > Most ? $"The reject limit must be between 0 and {Most:N0}, was {limit:N0}." : null;

    /// <summary>Throws the sentence when there is one.</summary>
    public static void Check(int limit)
    {
        if (Problem(limit) is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }
    }
}
