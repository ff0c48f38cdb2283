namespace Sparkify.Core.Common;

/// <summary>When a load asks a person before it publishes. Both in percent; 0 never asks.</summary>
/// <param name="LeastOfPublished">
/// Asks when the new star has less than this share of the plays, songs, users or days of the published one.
/// </param>
/// <param name="LeastWithField">Asks when fewer than this share of the records of a part have a field that the star is made of.</param>
public sealed record DecisionLimits(int LeastOfPublished, int LeastWithField)
{
    /// <summary>Half a star is more than a quiet week; a field that one record in twenty has is named otherwise in the others.</summary>
    public static DecisionLimits Default { get; } = new(LeastOfPublished: 50, LeastWithField: 5);

    /// <summary>What is wrong with them, or none.</summary>
    public string? Problem() => LeastOfPublished is < 0 or > 100 ? Sentence("share of the published star", LeastOfPublished)
        : LeastWithField is < 0 or > 100 ? Sentence("share of records with a field", LeastWithField)
        : null;

    /// <summary>Throws the sentence when there is one.</summary>
    public void Check()
    {
        if (Problem() is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }
    }

    private static string Sentence(string what, int was) =>
        $"The least {what} must be between 0 and 100 percent, was {was:N0}. 0 publishes without asking.";
}
