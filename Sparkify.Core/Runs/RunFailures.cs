using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What the failure of a step means: whether waiting can help, and how to say it to a person.</summary>
internal static class RunFailures
{
    /// <summary>Whether the same thing may well succeed a little later.</summary>
    public static bool IsTransient(Exception ex) => ex switch
    {
        GroundLostException => true,
        NpgsqlException npgsql => DatabaseFaults.IsAway(npgsql),
        // What a step makes of several things going wrong at once, and of a stream whose connection broke below it.
        AggregateException many => many.InnerExceptions.Any(IsTransient),
        DatabaseFaultException => true,
        SparkifyException => false, // says itself what is to be done
        { InnerException: { } inner } => IsTransient(inner),
        _ => false,
    };

    /// <summary>The failure as a sentence.</summary>
    public static string Sentence(Exception ex) => ex switch
    {
        SparkifyException or GroundLostException => ex.Message,
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => DatabaseFaults.NoConnection,
        _ when DatabaseFaults.IsDiskFull(ex) => DatabaseFaults.DiskFull,
        PostgresException postgres =>
            $"The database refused a statement: {postgres.MessageText}{(postgres.Detail is { } detail ? $" ({detail})" : "")} [{postgres.SqlState}]",
        NpgsqlException => $"The connection to the database broke: {ex.InnerException?.Message ?? ex.Message}",
        OperationCanceledException => "The step gave up waiting for something, though nobody cancelled it.",
        _ => $"Something unexpected happened ({ex.GetType().Name}): {ex.Message}",
    };
}
