namespace Sparkify.Core.Common;

/// <summary>What kind of refusal a <see cref="SparkifyException"/> is; decides the HTTP status.</summary>
public enum ProblemKind
{
    /// <summary>The request is wrong and has to be changed (400).</summary>
    Invalid,

    /// <summary>What was asked for does not exist (404).</summary>
    NotFound,

    /// <summary>The request is right, but not in the present state (409).</summary>
    Conflict,

    /// <summary>The caller may not do this (403).</summary>
    Denied,

    /// <summary>A part the application needs does not answer (503).</summary>
    Unavailable,

    /// <summary>Nobody is known to ask: they have to sign in (401).</summary>
    SignedOut,

    /// <summary>The caller asks too often and has to wait (429).</summary>
    TooMany,

    /// <summary>A key was given that stands for another request already (422).</summary>
    AnotherRequest,
}

/// <summary>
/// A refusal or failure whose message is a sentence for a person: what is wrong and what to do about it.
/// Shown as it is in the browser and as problem details in the API.
/// </summary>
public class SparkifyException(ProblemKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of refusal this is.</summary>
    public ProblemKind Kind { get; } = kind;

    /// <summary>The run that stands in the way, when one does.</summary>
    public long? ActiveRun { get; init; }

    /// <summary>After how long it is worth trying again, when that is known.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The request is wrong and has to be changed.</summary>
    public static SparkifyException Invalid(string message, Exception? inner = null) => new(ProblemKind.Invalid, message, inner);

    /// <summary>What was asked for does not exist.</summary>
    public static SparkifyException NotFound(string message) => new(ProblemKind.NotFound, message);

    /// <summary>The request does not fit the present state.</summary>
    public static SparkifyException Conflict(string message, long? activeRun = null) =>
        new(ProblemKind.Conflict, message) { ActiveRun = activeRun };

    /// <summary>The caller may not do this.</summary>
    public static SparkifyException Denied(string message) => new(ProblemKind.Denied, message);

    /// <summary>Nobody is known to ask.</summary>
    public static SparkifyException SignedOut() => new(ProblemKind.SignedOut, "You are not signed in, or not any more. Sign in and try again.");

    /// <summary>A part the application needs does not answer.</summary>
    public static SparkifyException Unavailable(string message, Exception? inner = null) => new(ProblemKind.Unavailable, message, inner);
}
