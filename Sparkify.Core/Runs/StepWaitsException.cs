namespace Sparkify.Core.Runs;

/// <summary>A step waits for something outside and is worked on again after a while; no failure.</summary>
internal sealed class StepWaitsException(TimeSpan lookAgain) : Exception("The step waits.")
{
    /// <summary>After how long it looks again.</summary>
    public TimeSpan LookAgain { get; } = lookAgain;
}

/// <summary>What earlier steps made is not there any more, though nobody said so: the run asks where to take itself up again.</summary>
internal sealed class GroundLostException(string message) : Exception(message);
